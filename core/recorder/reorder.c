/* SPDX-License-Identifier: Apache-2.0 */
/* Packets of one track in their order, between the recorder's queue and depack.h. Waiting packets
 * lie in a ring by their number; `next` is the number that leaves next.
 *
 * With next = 9 and 10, 11 waiting: packet 9 is passed at once, and then 10 and 11 (release()).
 * When the oldest of those that wait has done so for REORDER_US, `next` goes on to 10, with gap 1.
 */
#include "reorder.h"
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"

#define SEEN (2 * REORDER_MAX) /* numbers behind `next` of which it is known whether they came */

struct waiting {
	struct rec_packet p;
	uint8_t rtp[];
};
struct reorder {
	reorder_fn *fn;
	void *arg;
	struct reorder_stats stats;
	bool has_begun;
	uint32_t gen;
	uint8_t layer;
	uint16_t next;
	bool has_stray;
	uint16_t stray; /* the number after one that was far too late */
	unsigned n_waiting;
	int64_t oldest_us; /* when that came of those that wait; INT64_MAX: none */
	uint64_t seen[SEEN / 64];
	struct waiting *ring[REORDER_MAX];
};

struct reorder *reorder_new(reorder_fn *fn, void *arg)
{
	struct reorder *o = calloc(1, sizeof *o);
	if (!o)
		return NULL;
	o->fn = fn;
	o->arg = arg;
	o->oldest_us = INT64_MAX;
	return o;
}

void reorder_free(struct reorder *o)
{
	if (!o)
		return;
	for (unsigned i = 0; i < REORDER_MAX; i++)
		free(o->ring[i]);
	free(o);
}

const struct reorder_stats *reorder_stats(const struct reorder *o)
{
	return &o->stats;
}

static void note(struct reorder *o, uint16_t seq, bool came)
{
	uint64_t bit = 1ull << seq % 64, *word = &o->seen[seq % SEEN / 64];
	*word = came ? *word | bit : *word & ~bit;
}

static bool has_come(const struct reorder *o, uint16_t seq)
{
	return o->seen[seq % SEEN / 64] >> seq % 64 & 1;
}

static void pass(struct reorder *o, const struct rec_packet *p, unsigned gap)
{
	for (unsigned i = 0; i < gap && i < SEEN; i++)
		note(o, (uint16_t)(p->seq - 1 - i), false);
	note(o, p->seq, true);
	o->next = (uint16_t)(p->seq + 1);
	o->has_stray = false;
	o->stats.packets++;
	o->stats.lost += gap;
	o->fn(o->arg, p, gap);
}

/* Let leave the packet that waits under `next`. @return false: none does */
static bool pass_next(struct reorder *o, unsigned gap)
{
	struct waiting **slot = &o->ring[o->next % REORDER_MAX], *w = *slot;
	if (!w)
		return false;
	*slot = NULL;
	o->n_waiting--;
	pass(o, &w->p, gap);
	free(w);
	return true;
}

static void find_oldest(struct reorder *o)
{
	o->oldest_us = INT64_MAX;
	for (unsigned i = 0, left = o->n_waiting; left; i++)
		if (o->ring[i]) {
			if (o->ring[i]->p.at_us < o->oldest_us)
				o->oldest_us = o->ring[i]->p.at_us;
			left--;
		}
}

/* Let leave what follows without a gap. */
static void release(struct reorder *o)
{
	if (!o->n_waiting)
		return;
	while (pass_next(o, 0))
		;
	find_oldest(o);
}

/* Give up what is missing before the first that waits; there is one. */
static void skip(struct reorder *o)
{
	unsigned gap = 0;
	while (!o->ring[o->next % REORDER_MAX]) {
		o->next++;
		gap++;
	}
	pass_next(o, gap);
	release(o);
	if (!o->n_waiting)
		o->oldest_us = INT64_MAX;
}

void reorder_flush(struct reorder *o)
{
	while (o->n_waiting)
		skip(o);
}

int64_t reorder_tick(struct reorder *o, int64_t now_us)
{
	while (o->n_waiting && o->oldest_us <= now_us - REORDER_US)
		skip(o);
	return o->n_waiting ? o->oldest_us + REORDER_US : INT64_MAX;
}

static void hold(struct reorder *o, const struct rec_packet *p)
{
	struct waiting **slot = &o->ring[p->seq % REORDER_MAX], *w;
	if (*slot) {
		o->stats.duplicate++;
		return;
	}
	w = malloc(sizeof *w + p->rtp_len);
	if (!w)
		return; /* is missing, as if it were lost */
	w->p = *p;
	w->p.rtp = w->rtp;
	if (p->rtp_len)
		memcpy(w->rtp, p->rtp, p->rtp_len);
	*slot = w;
	o->n_waiting++;
	if (p->at_us < o->oldest_us)
		o->oldest_us = p->at_us;
}

static void begin(struct reorder *o, const struct rec_packet *p, unsigned gap)
{
	reorder_flush(o);
	memset(o->seen, 0, sizeof o->seen);
	o->has_begun = true;
	o->gen = p->gen;
	o->layer = p->layer;
	pass(o, p, gap);
}

/* A number that is behind. Two in a row that are so far behind that nobody would still send them
 * again tell that numbering has begun anew (RFC 3550, A.1), which is what files of other servers
 * have. */
static void take_late(struct reorder *o, const struct rec_packet *p, unsigned behind)
{
	if (behind > SEEN && o->has_stray && p->seq == o->stray) {
		begin(o, p, 1);
		return;
	}
	o->has_stray = behind > SEEN;
	o->stray = (uint16_t)(p->seq + 1);
	if (behind <= SEEN && has_come(o, p->seq))
		o->stats.duplicate++;
	else
		o->stats.late++;
}

void reorder_take(struct reorder *o, const struct rec_packet *p)
{
	int ahead;
	if (!o->has_begun || p->gen != o->gen || p->layer != o->layer) {
		begin(o, p, 0);
		return;
	}
	reorder_tick(o, p->at_us);
	ahead = (int16_t)(p->seq - o->next);
	if (ahead < 0) {
		take_late(o, p, (unsigned)-ahead);
		return;
	}
	while (o->n_waiting && (int16_t)(p->seq - o->next) >= REORDER_MAX)
		skip(o);
	ahead = (int16_t)(p->seq - o->next);
	if (ahead && ahead < REORDER_MAX) {
		hold(o, p);
	} else {
		pass(o, p, (unsigned)ahead);
		release(o);
	}
}
