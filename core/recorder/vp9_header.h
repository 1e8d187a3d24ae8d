/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** @file
 * The uncompressed header of a VP9 frame (VP9 bitstream specification, 6.2). Pure functions. */

/** What a decoder has: sizes of the frames that later ones refer to. Zeroed at first. */
struct vp9_refs {
	struct {
		uint16_t width, height;
	} of[8];
};
struct vp9_header {
	bool is_keyframe;
	bool is_shown;
	bool shows_existing; /**< it is one of the frames before; all below is 0 */
	bool is_resilient;   /**< error_resilient_mode */
	uint8_t refresh;     /**< which references it replaces, bits */
	uint16_t width, height;
	size_t shown_bit; /**< where show_frame is, in bits */
	size_t bits;      /**< length, less what fills its last byte */
};
/** @return false: malformed, or it is cut off */
bool vp9_read_header(
	const uint8_t *frame, size_t len, const struct vp9_refs *refs, struct vp9_header *out);
/** The frame has been decoded. */
void vp9_refresh(struct vp9_refs *refs, const struct vp9_header *h);
/** Make a frame that is shown one that is not, in place: of several layers of one picture only the
 *  highest is to be seen. A frame that is no keyframe has one bit more in its header then, so that
 *  there must be room for a byte behind it.
 *  @return its length */
size_t vp9_hide(uint8_t *frame, size_t len, const struct vp9_header *h);
