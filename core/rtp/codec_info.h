/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/media.h>

/** @file
 * Codecs by name, with what is known of them apart from any description. Any thread. */
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
