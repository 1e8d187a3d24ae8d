/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/** @file
 * What the router wants to know of a payload: the result of every reader of a payload format.
 * Filled by payload.h and dd.h, read by the router. */
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
