/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>
#include "packet.h"
#include "refs.h"

/** @file
 * A picture that is being put together from packets, and what a payload format does for that:
 * between depack.c, which knows packets, and depack_vp8.c and its like, which know bytes. */
struct picture {
	uint8_t *bytes; /**< owned; kept from one picture to the next */
	size_t len, size;
	bool is_open; /**< a packet of it has come */
	bool is_broken;
	/** the packet right before its first ended another, so that this is its beginning, whatever
	 *  the format says */
	bool is_next;
	uint32_t rtp_ts;
	int64_t ts, at_us;
	unsigned n_packets;
	/* what the format finds */
	bool key_coming; /**< what has come of it promises a keyframe */
	uint16_t width, height;
	struct refs_told told; /**< temporal is -1 at first */
};

/** Append. @return false: more than DEPACK_FRAME, or no memory */
bool picture_add(struct picture *pic, const uint8_t *bytes, size_t len);

enum picture_take {
	PICTURE_MALFORMED,
	PICTURE_BEGINS, /**< the format says that a picture begins here */
	PICTURE_MORE,
};
enum picture_end {
	PICTURE_BROKEN,
	PICTURE_WHOLE,
	PICTURE_NOTHING, /**< nothing to be seen: parameters alone */
};

/** A payload format. */
struct picture_format {
	size_t state_size; /**< zeroed at first, and whenever numbering begins anew */
	/** Look at a payload, and append what is in it. @param len not 0 */
	enum picture_take (*take)(
		void *state, struct picture *pic, const uint8_t *payload, size_t len);
	/** All packets have come: find out what it is, and make it as containers want it. */
	enum picture_end (*end)(void *state, struct picture *pic);
	/** Its end is not marked, and nothing follows: is it whole? NULL: never known */
	bool (*is_ended)(const void *state, const struct picture *pic);
	/** depack_head(). NULL: needs none */
	size_t (*head)(const uint8_t *frame, size_t len, uint8_t *out, size_t size);
};
extern const struct picture_format picture_vp8, picture_vp9, picture_h264, picture_h265,
	picture_av1;
