/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/** @file
 * Which pictures can be decoded when some are missing: by what each says of those that it refers
 * to. Used by depack.h; pure state. */

#define REFS_BACK   128 /**< so many pictures are remembered of those that list what they refer to */
#define REFS_LISTED 24  /**< that one may list: three of each of eight layers */

/** What a picture says, as far as its format does. */
struct refs_told {
	bool is_keyframe;
	bool is_discardable; /**< no other refers to it */
	bool of_base_only;   /**< it refers to the base layer alone */
	bool frees_upper;    /**< later ones of upper layers refer to nothing before it */
	int8_t temporal;     /**< its layer, -1: not told */
	bool has_base;       /**< how many pictures of the base layer there were, */
	uint32_t base;       /**< modulo base_mask + 1: with this one, if it is of that layer */
	uint32_t base_mask;
	bool has_number; /**< how many pictures there were, modulo number_mask + 1 */
	uint16_t number, number_mask;
	bool has_back; /**< all that it refers to, by how many pictures before, 1…127 */
	uint8_t n_back, back[REFS_LISTED];
};

/** Zeroed: nothing has come. */
struct refs {
	bool is_good;   /**< the base layer can be decoded; else a keyframe is needed */
	uint8_t intact; /**< temporal layers of which nothing is missing, bits */
	uint32_t lost;  /**< packets that are missing before the next picture */
	bool has_base, has_number;
	uint32_t base;
	uint16_t number;
	bool given[REFS_BACK]; /**< by number modulo REFS_BACK */
};

/** Packets are missing, @p n, and what was in them is not known. */
void refs_lose(struct refs *r, unsigned n);
/** A picture is whole. @return it can be decoded, and will be */
bool refs_whole(struct refs *r, const struct refs_told *t);
/** A picture is not whole. */
void refs_broken(struct refs *r, const struct refs_told *t);
