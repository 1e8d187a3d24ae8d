/* SPDX-License-Identifier: Apache-2.0 */
#include "replay.h"
#include <stdlib.h>
#include <string.h>
#include "../base/metric.h"
#include "../base/rand.h"

static struct metric refused = { .name = "cardea_srtp_refused_indices",
	.help = "Outgoing packets refused because other bytes were, or might have been, sealed "
		"under "
		"their index" };

void replays_clear(struct replays *t)
{
	free(t->at);
	free(t->gone);
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
	struct replays bigger = *t;
	bigger.size = t->size ? t->size * 2 : 4;
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

void replay_forget(struct replays *t, uint32_t ssrc)
{
	struct replay *s = replay_get(t, ssrc);
	if (!s)
		return;
	unsigned mask = t->size - 1, hole = (unsigned)(s - t->at);
	t->n--;
	t->at[hole].used = false;
	/* Whoever was pushed past the hole is placed anew. */
	for (unsigned i = (hole + 1) & mask; t->at[i].used; i = (i + 1) & mask) {
		struct replay moved = t->at[i];
		t->at[i].used = false;
		*place(t, moved.ssrc) = moved;
	}
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

static inline uint64_t *word(struct replay *s, uint64_t index)
{
	return &s->window[index / 64 % (REPLAY_WINDOW / 64)];
}

static inline uint64_t bit(uint64_t index)
{
	return 1ULL << index % 64;
}

bool replay_seen(const struct replay *s, uint64_t index)
{
	if (!s || index > s->highest)
		return false;
	return s->highest - index >= REPLAY_WINDOW ||
	       s->window[index / 64 % (REPLAY_WINDOW / 64)] & bit(index);
}

static void advance(struct replay *s, uint64_t index)
{
	if (index - s->highest > REPLAY_WINDOW)
		memset(s->window, 0, sizeof(s->window));
	else
		for (uint64_t i = s->highest + 1; i < index; i++)
			*word(s, i) &= ~bit(i);
	s->highest = index;
}

void replay_mark(struct replay *s, uint64_t index)
{
	if (index > s->highest)
		advance(s, index);
	if (s->highest - index < REPLAY_WINDOW)
		*word(s, index) |= bit(index);
}

/* ---- sources that come and go ---- */

#define PROBES 16 /* sources looked at for one to give up */

static bool is_gone(const struct replays *t, uint32_t ssrc)
{
	unsigned n = t->n_gone < REPLAY_GONE ? t->n_gone : REPLAY_GONE;
	for (unsigned i = 0; i < n; i++)
		if (t->gone[i] == ssrc)
			return true;
	return false;
}

/* The one that was not heard for longest, of some: to look at all for each packet of a peer that
 * has a new SSRC in every one would cost too much. */
static uint32_t give_up_one(struct replays *t)
{
	const struct replay *oldest = NULL;
	if (!t->gone && !(t->gone = malloc(REPLAY_GONE * sizeof(*t->gone))))
		return 0;
	for (unsigned i = rand_u32(), n = 0; n < PROBES; i++) {
		const struct replay *s = &t->at[i & (t->size - 1)];
		n += s->used;
		if (s->used && (!oldest || t->heard - s->heard > t->heard - oldest->heard))
			oldest = s;
	}
	uint32_t ssrc = oldest->ssrc;
	t->gone[t->n_gone++ % REPLAY_GONE] = ssrc;
	replay_forget(t, ssrc);
	return ssrc;
}

enum err replay_admit(
	struct replays *t, struct replay *s, uint32_t ssrc, uint64_t index, uint32_t *gone)
{
	uint32_t given_up = 0;
	if (!s && is_gone(t, ssrc))
		return ERR_EXISTS;
	if (!s && t->n >= SRTP_MAX_SSRCS)
		given_up = give_up_one(t);
	if (!s && !(s = replay_make(t, ssrc)))
		return ERR_FULL;
	s->heard = ++t->heard;
	replay_mark(s, index);
	if (gone)
		*gone = given_up;
	return OK;
}

/* ---- sealing ---- */

static enum err begin(struct replays *t, uint32_t ssrc, uint64_t *index)
{
	struct replay *s = replay_make(t, ssrc);
	if (!s)
		return ERR_FULL;
	s->base = *index & ~0xffffULL;
	s->highest = *index -= s->base;
	*word(s, *index) |= bit(*index);
	return OK;
}

static enum err refuse(enum err e)
{
	metric_add(&refused, 1);
	return e;
}

enum err replay_claim(struct replays *t, uint32_t ssrc, uint64_t *index, bool again)
{
	struct replay *s = replay_get(t, ssrc);
	if (!s)
		return begin(t, ssrc, index);
	uint64_t i = *index -= s->base; /* what comes from before the base is far ahead, then */
	if (i > s->highest) {
		if (i - s->highest > SEAL_AHEAD)
			return refuse(ERR_INVALID);
		if (i - s->highest > 1)
			advance(s, i);
		s->highest = i;
	} else if (s->highest - i >= REPLAY_WINDOW || (!again && *word(s, i) & bit(i))) {
		return refuse(ERR_EXISTS);
	}
	*word(s, i) |= bit(i);
	return OK;
}

void replay_metrics(void)
{
	metric_register(&refused);
}
