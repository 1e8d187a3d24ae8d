/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include "srtp.h"
#include "replay.h"

void replays_clear(struct replays *t)
{
	free(t->at);
	*t = (struct replays){ 0 };
}

/* The place of an SSRC, or the free one where it would go. At most three quarters are ever taken.
 */
static struct replay *place(const struct replays *t, uint32_t ssrc)
{
	unsigned i = (uint32_t)(ssrc * 2654435761u) >> 7;
	while (t->at[i &= t->size - 1].used && t->at[i].ssrc != ssrc)
		i++;
	return &t->at[i];
}

struct replay *replay_get(const struct replays *t, uint32_t ssrc)
{
	if (!t->size)
		return NULL;
	struct replay *s = place(t, ssrc);
	return s->used ? s : NULL;
}

static bool grow(struct replays *t)
{
	struct replays bigger = { .size = t->size ? t->size * 2 : 4, .n = t->n };
	bigger.at = calloc(bigger.size, sizeof(*bigger.at));
	if (!bigger.at)
		return false;
	for (unsigned i = 0; i < t->size; i++)
		if (t->at[i].used)
			*place(&bigger, t->at[i].ssrc) = t->at[i];
	free(t->at);
	*t = bigger;
	return true;
}

struct replay *replay_make(struct replays *t, uint32_t ssrc)
{
	struct replay *s = replay_get(t, ssrc);
	if (s)
		return s;
	if (t->n >= SRTP_MAX_SSRCS || (4 * (t->n + 1) > 3 * t->size && !grow(t)))
		return NULL;
	s = place(t, ssrc);
	*s = (struct replay){ .ssrc = ssrc, .used = true };
	t->n++;
	return s;
}

uint64_t replay_guess(const struct replay *s, uint16_t seq)
{
	if (!s)
		return seq;
	uint64_t roc = s->highest >> 16;
	uint16_t last = (uint16_t)s->highest;
	if (seq > last && seq - last > 0x8000 && roc)
		roc--; /* before the first wrap there is no earlier round */
	else if (seq < last && last - seq > 0x8000)
		roc++;
	return (roc & 0xffffffff) << 16 | seq;
}

bool replay_seen(const struct replay *s, uint64_t index)
{
	if (!s || index > s->highest)
		return false;
	uint64_t age = s->highest - index;
	return age >= REPLAY_WINDOW || s->window[age >> 6] >> (age & 63) & 1;
}

static void shift(uint64_t w[2], uint64_t by)
{
	if (by >= REPLAY_WINDOW) {
		w[0] = w[1] = 0;
	} else if (by >= 64) {
		w[1] = w[0] << (by - 64);
		w[0] = 0;
	} else if (by) {
		w[1] = w[1] << by | w[0] >> (64 - by);
		w[0] <<= by;
	}
}

void replay_mark(struct replay *s, uint64_t index)
{
	if (index > s->highest) {
		shift(s->window, index - s->highest);
		s->highest = index;
	}
	uint64_t age = s->highest - index;
	if (age < REPLAY_WINDOW)
		s->window[age >> 6] |= 1ULL << (age & 63);
}
