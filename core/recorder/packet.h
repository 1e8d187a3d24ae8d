/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** @file
 * What goes through the recorder: packets of a track as they came, then pictures and sound made of
 * them. Both borrow their bytes for the length of a call. */

/** An RTP packet of one track: from a sink, or from an MJR file. */
struct rec_packet {
	int64_t at_us; /**< when it came, clock_now_us() */
	uint32_t gen;  /**< another one than before: numbering and timestamps begin anew */
	uint32_t ts;
	uint16_t seq;
	uint8_t layer; /**< of simulcast; each has numbers and timestamps of its own */
	bool marker;
	bool is_empty;      /**< carries nothing: a number only */
	const uint8_t *rtp; /**< the whole of it, in the clear, without padding */
	uint16_t rtp_len;
	uint16_t payload, payload_len; /**< where in it, and how long */
};

#define DEPACK_FRAME (4u << 20) /**< bytes of a frame at most */

/** One picture (an access unit), or the sound of one packet. Bytes are as containers want them: VP8
 *  and VP9 as they are (of scalable VP9 all layers in one), H.264 and H.265 in Annex B with start
 *  codes of four bytes, AV1 as OBUs with sizes and without temporal delimiters, sound as it is. */
struct rec_frame {
	const uint8_t *data;
	size_t len;
	int64_t ts; /**< RTP timestamp, unwrapped: of one gen and layer it only wraps in 64 bits */
	uint32_t gen;
	uint8_t layer;
	int64_t at_us;          /**< when its first packet came */
	bool is_keyframe;       /**< sound: always */
	bool is_discardable;    /**< no other refers to it */
	uint16_t width, height; /**< of a keyframe; 0: not known, or sound */
};
