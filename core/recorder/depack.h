/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/media.h>
#include "packet.h"

/** @file
 * Frames from packets that are in order: VP8 RFC 7741, VP9 RFC 9628, H.264 RFC 6184, H.265 RFC
 * 7798, AV1 RTP specification; Opus RFC 7587, G.711, G.722 and L16 RFC 3551; of redundant audio
 * (RFC 2198) the newest block, and older ones where theirs were lost. Nothing that comes can make
 * one read or write beyond what it was given, or keep more than DEPACK_FRAME bytes.
 *
 * A frame that misses a packet is never given. What refers to it is not given either: video goes on
 * with the next keyframe, unless what was lost is known to be discardable. */
struct depack;
typedef void depack_fn(void *arg, const struct rec_frame *f);

/** @param red_pt payload type of redundant audio, 0: none. @return NULL: no memory, or nothing is
 *  known of this codec */
struct depack *depack_new(enum cardea_codec_id codec, uint8_t red_pt, depack_fn *fn, void *arg);
void depack_free(struct depack *d); /**< NULL is fine. */
/** @param gap packets that are missing right before @p p, as reorder_fn has it */
void depack_take(struct depack *d, const struct rec_packet *p, unsigned gap);
/** Nothing follows: give the frame whose end is not marked, if it can be known to be whole. */
void depack_flush(struct depack *d);
/** Video that cannot go on without one: ask the sender for a keyframe. */
bool depack_wants_keyframe(const struct depack *d);

struct depack_stats {
	uint64_t frames, keyframes, broken; /**< broken: begun and not given */
	uint64_t skipped;                   /**< whole, but they refer to what is missing */
};
const struct depack_stats *depack_stats(const struct depack *d);

/** What a container's head needs to know of a keyframe (H.264, H.265: parameter sets in Annex B;
 *  AV1: the sequence header OBU). @return bytes, 0: none */
size_t depack_head(
	enum cardea_codec_id codec, const uint8_t *frame, size_t len, uint8_t *out, size_t size);
