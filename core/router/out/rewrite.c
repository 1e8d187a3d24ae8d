/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "../../base/clock.h"
#include "../../rtp/rtp.h"
#include "rewrite.h"

/* Numbers out are numbers in less `off`. A sender begins at 101; its source brings 7, 8, 9, 11, 10,
 * 12, and 8 is left out:
 *
 *	in     7    8    9   11   10   12
 *	off  -94  -94  -93  -93  -93  -93   8 is left out: off grows by one, the ranks close
 *	out  101    -  102  104  103  105   when 11 came, 103 was reserved for 10
 *
 * Had 10 been left out, too, something would have to fill 103 (RW_FILL): the receiver saw 104 and
 * waits for it. Then another source begins at 5000: off is 5000 - 106, and it goes out as 106.
 * Timestamps are moved likewise: the last picture went out with 90000 at 1.000 s, the next source's
 * first comes at 1.040 s with 7000; 40 ms are 3600 ticks of 90 kHz, so it goes out with 93600, and
 * ts_off is 86600 until the source changes. Picture ids and TL0 indices of VP8 go as numbers do. */

enum { UNKNOWN, RESERVED, SENT, LEFT_OUT };
#define SEQ(w, s)     (&(w)->seq[(s) & (RW_SEQS - 1)])
#define PICTURE(w, p) (&(w)->picture[(p) & (RW_PICTURES - 1)])

void rewrite_init(struct rewrite *w, uint32_t clock_hz, uint16_t seq, uint32_t ts)
{
	memset(w, 0, sizeof *w);
	w->clock_hz = clock_hz ? clock_hz : 90000;
	w->out_hi = w->sealed_hi = seq - 1u;
	w->ts_hi = ts;
}

void rewrite_cut(struct rewrite *w)
{
	w->bound = false;
}

bool rewrite_is_newest(const struct rewrite *w, const struct pkt *k)
{
	return !w->bound || seq_after(k->seq, w->in_hi);
}

/* Time goes on as fast as it did on the wall, and by one tick at least: no two frames share a
 * timestamp. */
static uint32_t next_ts(const struct rewrite *w, int64_t at_us)
{
	int64_t passed_us = at_us - w->ts_hi_at_us;
	if (!w->begun)
		return w->ts_hi;
	if (passed_us < 0)
		passed_us = 0;
	if (passed_us > 24 * 3600 * US_PER_S) /* a timestamp of 90 kHz wraps after 13 hours */
		passed_us = 24 * 3600 * US_PER_S;
	passed_us = passed_us * w->clock_hz / US_PER_S;
	return w->ts_hi + (uint32_t)(passed_us ? passed_us : 1);
}

/* The packet given next follows what was given last. */
static void bind_seq(struct rewrite *w, uint16_t seq)
{
	memset(w->seq, 0, sizeof w->seq);
	w->off = (uint16_t)(seq - (uint16_t)(w->out_hi + 1));
	w->in_hi = (uint16_t)(seq - 1);
}

static void bind(struct rewrite *w, const struct pkt *k)
{
	bind_seq(w, k->seq);
	memset(w->picture, 0, sizeof w->picture);
	w->ts_off = next_ts(w, k->at_us) - k->ts;
	w->pictures_bound = w->tl0_bound = false;
	w->bound = true;
}

/* ---- VP8 pictures ---- */

static void bind_pictures(struct rewrite *w, const struct payload_info *info)
{
	uint16_t first = w->pictures_begun ? (uint16_t)(w->picture_out_hi + 1) : info->picture_id;
	memset(w->picture, 0, sizeof w->picture);
	w->picture_mask = info->picture_id_15bit ? 0x7fff : 0x7f;
	w->picture_in_hi = (uint16_t)(info->picture_id - 1) & w->picture_mask;
	w->picture_off = (uint16_t)(info->picture_id - first);
	w->pictures_bound = true;
}

static void note_picture(struct rewrite *w, uint16_t in, uint8_t state)
{
	uint16_t out = (uint16_t)(in - w->picture_off) & w->picture_mask;
	PICTURE(w, in)->in = in;
	PICTURE(w, in)->out = out;
	PICTURE(w, in)->state = state;
	if (state == LEFT_OUT)
		return;
	w->pictures_begun = true;
	w->picture_out_hi = out;
}

/* The fate of a picture is decided by the first of its packets to come. @return is it left out? */
static bool map_picture(
	struct rewrite *w, const struct payload_info *info, bool drop, uint16_t *out)
{
	uint16_t in = info->picture_id, mask = info->picture_id_15bit ? 0x7fff : 0x7f, ahead;
	if (!w->pictures_bound || w->picture_mask != mask)
		bind_pictures(w, info);
	ahead = (uint16_t)(in - w->picture_in_hi) & mask;
	if (ahead && ahead <= mask / 2) {
		uint16_t gap = ahead > RW_PICTURES ? RW_PICTURES : ahead;
		for (uint16_t p = (uint16_t)(in - gap + 1) & mask; p != in;
			p = (uint16_t)(p + 1) & mask)
			note_picture(w, p, RESERVED);
		note_picture(w, in, drop ? LEFT_OUT : SENT);
		w->picture_in_hi = in;
		*out = PICTURE(w, in)->out;
		if (drop)
			w->picture_off++;
		return drop;
	}
	if (PICTURE(w, in)->state == UNKNOWN || PICTURE(w, in)->in != in) {
		*out = (uint16_t)(in - w->picture_off) &
		       mask; /* from long ago: nobody can tell any more */
		return drop;
	}
	*out = PICTURE(w, in)->out;
	return PICTURE(w, in)->state == LEFT_OUT;
}

static uint8_t map_tl0(struct rewrite *w, uint8_t in)
{
	uint8_t out;
	if (!w->tl0_bound) {
		w->tl0_off = w->tl0_begun ? (uint8_t)(in - (uint8_t)(w->tl0_hi + 1)) : 0;
		w->tl0_hi = (uint8_t)(in - w->tl0_off);
		w->tl0_bound = w->tl0_begun = true;
	}
	out = (uint8_t)(in - w->tl0_off);
	if ((int8_t)(out - w->tl0_hi) > 0)
		w->tl0_hi = out;
	return out;
}

/* ---- sequence numbers ---- */

static void reserve(struct rewrite *w, uint16_t upto)
{
	uint16_t first = (uint16_t)(w->in_hi + 1);
	if ((uint16_t)(upto - first) > RW_SEQS)
		first = (uint16_t)(upto - RW_SEQS);
	for (uint16_t s = first; s != upto; s++) {
		SEQ(w, s)->in = s;
		SEQ(w, s)->out = (uint16_t)(s - w->off);
		SEQ(w, s)->state = RESERVED;
	}
}

static void advance_ts(struct rewrite *w, const struct pkt *k, uint32_t ts)
{
	if (w->begun && (int32_t)(ts - w->ts_hi) <= 0)
		return;
	w->ts_hi = ts;
	w->ts_hi_at_us = k->at_us;
}

/* What the newest packet so far will have. */
static uint64_t next_index(const struct rewrite *w, uint16_t seq)
{
	return w->out_hi + (uint16_t)(seq - w->off - w->out_hi);
}

static enum rw_verdict map_new(
	struct rewrite *w, const struct pkt *k, bool drop, struct rw_out *out)
{
	if (next_index(w, k->seq) > w->sealed_hi + RW_AHEAD) {
		w->out_hi = w->sealed_hi;
		bind_seq(w, k->seq);
	}
	reserve(w, k->seq);
	w->in_hi = k->seq;
	out->index = next_index(w, k->seq);
	SEQ(w, k->seq)->in = k->seq;
	SEQ(w, k->seq)->out = (uint16_t)out->index;
	SEQ(w, k->seq)->state = drop ? LEFT_OUT : SENT;
	if (drop) {
		w->off++;
		/* numbers reserved before it are gaps that the receiver will see */
		w->out_hi = out->index - 1;
		return RW_SKIP;
	}
	w->out_hi = out->index;
	advance_ts(w, k, out->ts);
	w->begun = true;
	return RW_SEND;
}

enum rw_verdict rewrite_map(struct rewrite *w, const struct pkt *k, const struct payload_info *info,
	bool drop, struct rw_out *out)
{
	bool newest;
	if (!w->bound) {
		if (drop)
			return RW_SKIP;
		bind(w, k);
	}
	newest = rewrite_is_newest(w, k);
	if (!newest && (SEQ(w, k->seq)->in != k->seq || SEQ(w, k->seq)->state != RESERVED))
		return RW_SKIP; /* a repeat, from before the source was taken, or forgotten */
	out->ts = k->ts + w->ts_off;
	if (info->has_picture_id)
		drop = map_picture(w, info, drop, &out->picture_id);
	if (info->has_tl0 && !drop)
		out->tl0 = map_tl0(w, info->tl0);
	if (newest)
		return map_new(w, k, drop, out);
	SEQ(w, k->seq)->state = SENT;
	out->index = rewrite_index(w, SEQ(w, k->seq)->out);
	advance_ts(w, k, out->ts); /* what overtook it may have been left out */
	return drop ? RW_FILL : RW_SEND;
}
