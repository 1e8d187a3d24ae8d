/* SPDX-License-Identifier: Apache-2.0 */
#include "report_queue.h"
#include <stdlib.h>
#include <string.h>

#define SHARE_BYTES (32 << 10) /* of a batch: some 500 reports */

/* Of one m-line. A bit of `due` is a report that waits. */
enum {
	DUE_RECEIVING = 1,
	/* and for substreams 0 to 2 the next bits */
	DUE_LAYER = 16,
	DUE_TALKING = 32,
	DUE_SLOW_UP = 64,
	DUE_SLOW_DOWN = 128,
	DUE_WHY_IN = 256,
	DUE_WHY_OUT = 512
};
struct kept_line {
	uint16_t due;
	uint8_t on, talks;
	int8_t substream, temporal, spatial;
	uint32_t seconds[1 + CARDEA_LAYERS];
	uint32_t lost_up, lost_down;
	double avg;
	struct why why_in, why_out;
};
struct kept {
	bool has_estimate, has_why;
	struct why why;
	uint64_t bps;
	unsigned n_lines;
	struct kept_line lines[];
};

static enum err push(struct report_queue *q, struct queue *reports, const struct report *r)
{
	return queue_push_share(reports, &q->share, SHARE_BYTES, r, report_len(r->type));
}

/* Room for so many m-lines. @return false: out of memory */
static bool grow(struct report_queue *q, unsigned n_lines)
{
	unsigned had = q->kept ? q->kept->n_lines : 0;
	if (q->kept && n_lines <= had)
		return true;
	struct kept *k = realloc(q->kept, sizeof(*k) + n_lines * sizeof(*k->lines));
	if (!k)
		return false;
	if (!q->kept)
		memset(k, 0, sizeof(*k));
	memset(k->lines + had, 0, (n_lines - had) * sizeof(*k->lines));
	k->n_lines = n_lines;
	q->kept = k;
	return true;
}

static void keep_of_line(struct kept_line *l, const struct report *r)
{
	if (r->type == REP_RECEIVING) {
		unsigned i = (unsigned)(r->receiving.substream + 1);
		if (i > CARDEA_LAYERS)
			return;
		uint8_t bit = (uint8_t)(DUE_RECEIVING << i);
		l->due |= bit;
		l->on = (uint8_t)(r->receiving.on ? l->on | bit : l->on & ~bit);
		l->seconds[i] = r->receiving.seconds;
	} else if (r->type == REP_LAYER) {
		l->due |= DUE_LAYER;
		l->substream = r->layer.substream;
		l->temporal = r->layer.temporal;
		l->spatial = r->layer.spatial;
	} else if (r->type == REP_TALKING) {
		l->due |= DUE_TALKING;
		l->talks = r->talking.talks;
		l->avg = r->talking.avg;
	} else if (r->type == REP_SLOW_LINK) {
		l->due |= r->slow_link.uplink ? DUE_SLOW_UP : DUE_SLOW_DOWN;
		*(r->slow_link.uplink ? &l->lost_up : &l->lost_down) = r->slow_link.lost;
	} else if (r->type == REP_WHY) {
		l->due |= r->why.sends ? DUE_WHY_OUT : DUE_WHY_IN;
		*(r->why.sends ? &l->why_out : &l->why_in) = r->why.why;
	}
}

static void keep(struct report_queue *q, const struct report *r)
{
	bool is_why = r->type == REP_WHY && r->why.mindex == WHY_OF_PEER;
	bool is_of_line = r->type != REP_ESTIMATE && !is_why;
	/* the first member of all of those is the m-line's index */
	unsigned mindex = is_of_line ? r->receiving.mindex : 0;
	if (mindex >= CARDEA_MEDIA_MAX || !grow(q, is_of_line ? mindex + 1 : 0))
		return;
	if (is_of_line) {
		keep_of_line(&q->kept->lines[mindex], r);
	} else if (is_why) {
		q->kept->has_why = true;
		q->kept->why = r->why.why;
	} else {
		q->kept->has_estimate = true;
		q->kept->bps = r->estimate.bps;
	}
}

bool report_queue_push(struct report_queue *q, struct queue *reports, const struct report *r)
{
	/* While older reports wait, newer ones must not go before them. */
	if (!q->kept && !push(q, reports, r))
		return true;
	keep(q, r);
	return false;
}

/* The report behind a bit of `due`. */
static void fill(const struct kept_line *l, unsigned mindex, unsigned bit, struct report *r)
{
	uint16_t m = (uint16_t)mindex;
	if (bit < DUE_LAYER) {
		unsigned i = (unsigned)__builtin_ctz(bit);
		r->type = REP_RECEIVING;
		r->receiving.mindex = m;
		r->receiving.substream = (int8_t)((int)i - 1);
		r->receiving.on = (l->on & bit) != 0;
		r->receiving.seconds = l->seconds[i];
	} else if (bit == DUE_LAYER) {
		r->type = REP_LAYER;
		r->layer.mindex = m;
		r->layer.substream = l->substream;
		r->layer.temporal = l->temporal;
		r->layer.spatial = l->spatial;
	} else if (bit == DUE_TALKING) {
		r->type = REP_TALKING;
		r->talking.mindex = m;
		r->talking.talks = l->talks;
		r->talking.avg = l->avg;
	} else if (bit == DUE_WHY_IN || bit == DUE_WHY_OUT) {
		r->type = REP_WHY;
		r->why.mindex = m;
		r->why.sends = bit == DUE_WHY_OUT;
		r->why.why = r->why.sends ? l->why_out : l->why_in;
	} else {
		r->type = REP_SLOW_LINK;
		r->slow_link.mindex = m;
		r->slow_link.uplink = bit == DUE_SLOW_UP;
		r->slow_link.lost = bit == DUE_SLOW_UP ? l->lost_up : l->lost_down;
	}
}

bool report_queue_flush(
	struct report_queue *q, struct queue *reports, uint64_t peer, uint32_t worker)
{
	struct kept *k = q->kept;
	struct report r = { .worker = worker, .peer = peer };
	for (unsigned i = 0; k && i < k->n_lines; i++)
		while (k->lines[i].due) {
			unsigned bit = k->lines[i].due & -(unsigned)k->lines[i].due;
			fill(&k->lines[i], i, bit, &r);
			if (push(q, reports, &r))
				return false;
			k->lines[i].due &= (uint16_t)~bit;
		}
	if (k && k->has_estimate) {
		r.type = REP_ESTIMATE;
		r.estimate.bps = k->bps;
		if (push(q, reports, &r))
			return false;
		k->has_estimate = false;
	}
	if (k && k->has_why) {
		r.type = REP_WHY;
		r.why.mindex = WHY_OF_PEER;
		r.why.sends = 0;
		r.why.why = k->why;
		if (push(q, reports, &r))
			return false;
	}
	report_queue_clear(q);
	return true;
}

void report_queue_clear(struct report_queue *q)
{
	free(q->kept);
	q->kept = NULL;
}
