/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** @file
 * What the recorder wants to know of sequence parameter sets: H.264 7.3.2.1.1, H.265 7.3.2.2.1.
 * Pure functions; they are given whole NAL units, with their headers. */
struct sps {
	uint16_t width, height;   /**< as shown: what is cropped is left out */
	uint8_t frame_num_bits;   /**< H.264: of frame_num in slice headers */
	bool has_colour_planes;   /**< H.264: slice headers have a colour_plane_id */
	uint8_t highest_temporal; /**< H.265: id of the highest sub-layer */
};
/** @return false: malformed */
bool sps_read_h264(const uint8_t *nal, size_t len, struct sps *out);
bool sps_read_h265(const uint8_t *nal, size_t len, struct sps *out);
/** Bytes of a NAL unit without those that only keep it from looking like a start code (00 00 03 →
 *  00 00). @return bytes written, @p size at most */
size_t sps_unescape(const uint8_t *nal, size_t len, uint8_t *out, size_t size);
