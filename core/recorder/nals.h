/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "picture.h"
#include "sps.h"

/** @file
 * NAL units of a picture, put together in Annex B, and parameter sets, remembered for keyframes
 * that come without: what H.264 and H.265 have in common. */
enum nals_set { NALS_VPS, NALS_SPS, NALS_PPS, NALS_N_SETS };
#define NALS_SET_MAX 1024 /**< bytes of a kind of sets, with start codes */

struct nals {
	size_t at;     /**< where the NAL unit begins that is being added, behind its start code */
	bool is_open;  /**< it comes in fragments, and its end has not come */
	bool has_sets; /**< the picture has sps of its own */
	struct {
		size_t len;
		uint8_t bytes[NALS_SET_MAX];
	} sets[NALS_N_SETS];
};
/** Begin a NAL unit with @p len bytes. */
bool nals_begin(struct nals *n, struct picture *pic, const uint8_t *bytes, size_t len);
/** Add units that stand behind 16 bits of length each; @p done is called for each as it is whole.
 *  @return false: malformed */
typedef bool nals_done(void *state, struct picture *pic, const uint8_t *nal, size_t len);
bool nals_add_lengths(struct nals *n, struct picture *pic, const uint8_t *bytes, size_t len,
	nals_done *done, void *state);
/** Remember a parameter set. A new SPS forgets the PPS. */
void nals_keep(struct nals *n, enum nals_set kind, const uint8_t *nal, size_t len);
/** Put what is remembered in front of a keyframe. */
bool nals_prepend_sets(const struct nals *n, struct picture *pic);
/** The end of a picture that can be begun with: a keyframe if it has parameter sets, or gets those
 *  that are remembered. @param sps what the last said */
enum picture_end nals_end_keyframe(
	const struct nals *n, struct picture *pic, const struct sps *sps);
/** The next unit of a picture in Annex B. @param at 0 at first. @return its length, 0: no more */
size_t nals_next(const uint8_t *bytes, size_t len, size_t *at, const uint8_t **nal);
/** Copy those for which @p is_set. @return bytes, 0: none, or more than @p size */
size_t nals_copy_sets(
	const uint8_t *frame, size_t len, bool (*is_set)(uint8_t first), uint8_t *out, size_t size);
