/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cardea/media.h>

/** @file
 * Just enough of the payload formats to route them: keyframes, temporal and spatial layers, VP8's
 * counters. VP8 RFC 7741, VP9 RFC 9628, H.264 RFC 6184, H.265 RFC 7798, AV1 RTP specification with
 * its dependency descriptor. Pure functions, any thread; anything malformed reads as "nothing
 * known". */
struct payload_info {
	/** this packet begins or belongs to an independently decodable picture's start */
	bool is_keyframe;
	/** where the format says so; ends_frame of the layer frame (VP9 SVC) */
	bool starts_frame, ends_frame;
	int8_t temporal;      /**< -1: not told */
	int8_t spatial;       /**< -1: not told */
	bool switch_up;       /**< a temporal layer may be taken up from here */
	bool not_a_reference; /**< may be dropped without harm */
	/* VP8, where present */
	bool has_picture_id, has_tl0, picture_id_15bit;
	uint16_t picture_id;
	uint8_t tl0;
	uint8_t picture_id_off, tl0_off; /**< their offsets in the payload */
	/* redundant audio (red_look()) */
	/** offset of the newest block, which is what plain audio consists of; 0: it is plain */
	uint16_t red_primary;
};
/** Look at the start of a payload of @p codec. @p dd is the packet's dependency descriptor, NULL:
 *  none (used for AV1). */
void payload_look(enum cardea_codec_id codec, const uint8_t *payload, size_t len, const uint8_t *dd,
	size_t dd_len, struct payload_info *out);

/** Walk the block headers of redundant audio (RFC 2198).
 *  @param pt every block's payload type, as the description says ("111/111")
 *  @return offset of the last block, the newest sound; 0: malformed, or there is none. */
uint16_t red_look(const uint8_t *payload, size_t len, uint8_t pt);
/** Write payload type @p pt into every block header of a payload that red_look() found good.
 *  @return the one before. */
uint8_t red_renumber(uint8_t *payload, uint8_t pt);

/** The templates that an AV1 dependency descriptor refers to (AV1 RTP specification, A.8): they
 *  come with keyframes and hold until the next. One per received SSRC, zeroed at first. */
struct dd_templates {
	uint8_t n, offset;
	struct {
		uint8_t spatial, temporal, dti;
	} of[64];
};
/** Read a descriptor, with or without templates of its own, and fill in what it says of frame and
 *  layers.
 *  @return false: malformed, or it refers to templates not known; @p out is untouched then. */
bool dd_look(struct dd_templates *known, const uint8_t *dd, size_t len, struct payload_info *out);
