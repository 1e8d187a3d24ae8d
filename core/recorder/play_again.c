/* SPDX-License-Identifier: Apache-2.0 */
#include "play_again.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"

#define BLOCK ((size_t)64 << 10)

/* Many pictures lie in one block, and the blocks stay for the next keyframe's: memory of their own
 * would be asked of the kernel, and given back, once a picture. */
struct play_block {
	struct play_block *next;
	size_t used, size;
	max_align_t bytes[];
};

/* ---- memory ---- */

static struct play_block *block_new(size_t len)
{
	size_t size = len > BLOCK ? len : BLOCK;
	struct play_block *b = malloc(sizeof *b + size);
	if (b)
		*b = (struct play_block){ .size = size };
	return b;
}

/* @return NULL: no memory */
static void *take_room(struct play_again *a, size_t len)
{
	struct play_block *b, **at = a->filling ? &a->filling : &a->blocks;
	len = (len + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
	while (*at && (*at)->size - (*at)->used < len)
		at = &(*at)->next;
	if (!(b = *at) && !(b = *at = block_new(len)))
		return NULL;
	a->filling = b;
	b->used += len;
	return (uint8_t *)b->bytes + b->used - len;
}

/* ---- life ---- */

void play_again_init(struct play_again *a)
{
	*a = (struct play_again){ .is_over = true }; /* no keyframe yet */
}

void play_again_clear(struct play_again *a)
{
	struct play_block *blocks = a->blocks;
	play_again_init(a);
	a->blocks = blocks;
	for (struct play_block *b = blocks; b; b = b->next)
		b->used = 0;
}

void play_again_free(struct play_again *a)
{
	struct play_block *b;
	while ((b = a->blocks)) {
		a->blocks = b->next;
		free(b);
	}
	play_again_init(a);
}

/* ---- pictures ---- */

static struct play_unit *copy(struct play_again *a, const struct play_unit *u)
{
	struct play_unit *c = take_room(a, sizeof *c + u->len);
	if (!c)
		return NULL;
	*c = *u;
	c->next = NULL;
	c->size = u->len;
	c->bytes = (uint8_t *)(c + 1);
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
	if (a->bytes + u->len > PLAY_AGAIN_MAX || !(c = copy(a, u))) {
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
