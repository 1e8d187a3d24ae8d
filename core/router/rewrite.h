/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/buf.h"
#include "../rtp/payload.h"

/** @file
 * The numbers of one outgoing track: whatever sources and layers follow one another, and whatever
 * is left out of them, sequence numbers, timestamps, VP8 picture ids and TL0 indices go on without
 * a gap that the source did not have.
 *
 * Packets left out on arrival in order close the ranks behind them. A packet that comes late finds
 * its number reserved: the receiver has seen the gap. If it is to be left out all the same,
 * something must fill its place (RW_FILL). */
#define RW_SEQS     512 /**< packets remembered, a power of two */
#define RW_PICTURES 64  /**< pictures remembered, a power of two */

enum rw_verdict { RW_SEND, RW_SKIP, RW_FILL };

/** The outgoing numbers of one packet. */
struct rw_out {
	uint32_t ts;
	uint16_t seq;
	uint16_t picture_id; /**< in the width of the source's */
	uint8_t tl0;
};

struct rewrite {
	bool begun; /**< something was ever sent */
	bool bound; /**< to the present source */
	uint16_t in_hi, out_hi, off;
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
/** The first packet to be sent will have @p seq and @p ts. */
void rewrite_init(struct rewrite *w, uint32_t clock_hz, uint16_t seq, uint32_t ts);
/** The source ends here: the next packet given, wherever it comes from, goes on where this one
 * stopped. */
void rewrite_cut(struct rewrite *w);
/** Number a packet of the present source. @p drop: leave it out, if that is still possible: the
 * other packets of a VP8 picture follow its first. */
enum rw_verdict rewrite_map(struct rewrite *w, const struct pkt *k, const struct payload_info *info,
	bool drop, struct rw_out *out);
/** Is @p k the newest of the source so far? */
bool rewrite_is_newest(const struct rewrite *w, const struct pkt *k);
