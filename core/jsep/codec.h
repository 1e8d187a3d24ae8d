/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/media.h>

/** @file
 * Codecs by name, clock and payload type, for the other files of this room. */

/** What is known of a codec apart from any description. */
struct codec_info {
	const char *name;     /**< the API's, lower case */
	const char *encoding; /**< in a=rtpmap, in its customary spelling */
	enum cardea_kind kind;
	uint32_t clock_hz; /**< in a=rtpmap */
	uint8_t channels;
	uint8_t pt, rtx_pt; /**< in our offers; rtx_pt 0: no RTX */
	uint8_t red_pt;     /**< likewise; 0: no redundant audio */
};
/** @return NULL for CARDEA_CODEC_NONE and beyond. */
const struct codec_info *codec_info(enum cardea_codec_id id);
/** The codec of an a=rtpmap. @return CARDEA_CODEC_NONE when it is not one that is routed. */
enum cardea_codec_id codec_match(enum cardea_kind kind, const char *encoding, uint32_t clock_hz);
/** Fill in what a payload type means without an a=rtpmap (RFC 3551). @return false when it means
 * nothing. */
bool codec_static(uint8_t pt, struct cardea_codec *codec);
/** Payload types for @p c in an offer of ours: the canonical ones, unless a codec of @p d, which
 * shares the bundle, has them with other parameters. Sets c->pt, c->rtx_pt for video, and c->red_pt
 * where that is not 0. */
void codec_number(const struct cardea_desc *d, struct cardea_codec *c);
