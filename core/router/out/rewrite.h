/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../../base/buf.h"
#include "../../rtp/payload.h"

/** @file
 * The numbers of one outgoing track: whatever sources and layers follow one another, and whatever
 * is left out of them, sequence numbers, timestamps, VP8 picture ids and TL0 indices go on without
 * a gap that the source did not have.
 *
 * Packets left out on arrival in order close the ranks behind them. A packet that comes late finds
 * its number reserved: the receiver has seen the gap. If it is to be left out all the same,
 * something must fill its place (RW_FILL).
 *
 * Numbers are indices of 48 bits: a sequence number with the roll-overs before it (RFC 3711,
 * section 3.3.1). Those of packets that were lost on the way here, or carried nothing, are passed
 * over; but where more than RW_AHEAD would be since the last that was sealed, the ranks are closed:
 * a peer that missed half a round of numbers could not tell which round it is in. */
#define RW_SEQS     512       /**< packets remembered, a power of two */
#define RW_AHEAD    (1 << 14) /**< farther from the last that was sealed no number may be */
#define RW_PICTURES 64        /**< pictures remembered, a power of two */

enum rw_verdict { RW_SEND, RW_SKIP, RW_FILL };

/** The outgoing numbers of one packet. */
struct rw_out {
	uint64_t index;
	uint32_t ts;
	uint16_t picture_id; /**< in the width of the source's */
	uint8_t tl0;
};

struct rewrite {
	bool begun;                 /**< something was ever sent */
	bool bound;                 /**< to the present source */
	uint64_t out_hi, sealed_hi; /**< highest index given, and sealed */
	uint16_t in_hi, off;
	uint32_t ts_off, ts_hi;
	int64_t ts_hi_at_us; /**< arrival of the packet of ts_hi */
	uint32_t clock_hz;
	/* VP8 */
	bool pictures_begun, pictures_bound, tl0_begun, tl0_bound;
	uint16_t picture_mask, picture_in_hi, picture_out_hi, picture_off;
	uint8_t tl0_hi, tl0_off;
	struct {
		uint16_t in, out;
		uint8_t state;
	} seq[RW_SEQS];
	struct {
		uint16_t in, out;
		uint8_t state;
	} picture[RW_PICTURES];
};
/** The first packet to be sent will have @p seq, 1 or more, and @p ts. */
void rewrite_init(struct rewrite *w, uint32_t clock_hz, uint16_t seq, uint32_t ts);
/** The source ends here: the next packet given, wherever it comes from, goes on where this one
 * stopped. */
void rewrite_cut(struct rewrite *w);
/** Number a packet of the present source. @p drop: leave it out, if that is still possible: the
 * other packets of a VP8 picture follow its first. */
enum rw_verdict rewrite_map(struct rewrite *w, const struct pkt *k, const struct payload_info *info,
	bool drop, struct rw_out *out);
/** A packet was sealed under this index. */
static inline void rewrite_sealed(struct rewrite *w, uint64_t index)
{
	if (index > w->sealed_hi)
		w->sealed_hi = index;
}
/** The index of a sequence number given lately. */
static inline uint64_t rewrite_index(const struct rewrite *w, uint16_t seq)
{
	return w->out_hi - (uint16_t)(w->out_hi - seq);
}
/** Is @p k the newest of the source so far? */
bool rewrite_is_newest(const struct rewrite *w, const struct pkt *k);
