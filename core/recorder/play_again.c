/* SPDX-License-Identifier: Apache-2.0 */
#include "play_again.h"
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"

void play_again_init(struct play_again *a)
{
	*a = (struct play_again){ .is_over = true }; /* no keyframe yet */
}

void play_again_clear(struct play_again *a)
{
	play_units_clear(&a->kept);
	play_again_init(a);
}

static struct play_unit *copy(const struct play_unit *u)
{
	struct play_unit *c = play_unit_new();
	if (!c)
		return NULL;
	*c = *u;
	c->next = NULL;
	c->size = u->len; /* as long as it is: seconds of them are kept */
	if (!(c->bytes = malloc(u->len))) {
		play_unit_free(c);
		return NULL;
	}
	memcpy(c->bytes, u->bytes, u->len);
	return c;
}

bool play_again_keep(struct play_again *a, const struct play_unit *u)
{
	struct play_unit *c;
	if (u->is_keyframe) {
		play_again_clear(a);
		a->is_over = false;
		a->began_us = u->us;
	}
	if (a->is_over)
		return false;
	if (a->bytes + u->len > PLAY_AGAIN_MAX || !(c = copy(u))) {
		play_again_clear(a);
		return false;
	}
	play_units_put(&a->kept, c);
	a->bytes += u->len;
	a->newest_us = u->us;
	return true;
}

bool play_again_begin(struct play_again *a)
{
	a->next = a->kept.first;
	return a->next;
}

struct play_unit *play_again_take(struct play_again *a, bool *last)
{
	struct play_unit *u = a->next;
	if (!u)
		return NULL;
	a->next = u->next;
	*last = !a->next;
	return u;
}

uint64_t play_again_rate(const struct play_again *a)
{
	int64_t us = a->newest_us - a->began_us;
	return us > 0 ? a->bytes * US_PER_S / (uint64_t)us : a->bytes;
}
