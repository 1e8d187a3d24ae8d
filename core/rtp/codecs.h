/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>
#include "payload_info.h"

/** @file
 * One reader per payload format, behind payload_look(): @p out is prepared, len is not 0; what is
 * not told stays. */
void vp8_look(const uint8_t *p, size_t len, struct payload_info *out);
void vp9_look(const uint8_t *p, size_t len, struct payload_info *out);
void h264_look(const uint8_t *p, size_t len, struct payload_info *out);
void h265_look(const uint8_t *p, size_t len, struct payload_info *out);
void av1_look(const uint8_t *p, size_t len, struct payload_info *out);

/** What stands before the VP8 bytes of a packet: X R N S R PID, then X: I L T K, then what these
 *  announce (RFC 7741, section 4.2). */
struct vp8_desc {
	size_t len;
	bool begins;          /**< a frame: S, and partition 0 */
	bool not_a_reference; /**< N */
	bool has_picture_id, long_id, has_tl0, has_temporal;
	uint16_t picture_id;
	uint8_t tl0, temporal;
	bool base_only; /**< Y: it refers to the base layer alone */
	uint8_t picture_id_off, tl0_off;
};
/** @return false: malformed. @param len not 0 */
bool vp8_read_desc(const uint8_t *p, size_t len, struct vp8_desc *d);
