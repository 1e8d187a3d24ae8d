/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/media.h>
#include "dd.h"
#include "payload_info.h"
#include "red.h"

/** @file
 * Just enough of the payload formats to route them: keyframes, temporal and spatial layers, VP8's
 * counters. VP8 RFC 7741, VP9 RFC 9628, H.264 RFC 6184, H.265 RFC 7798, AV1 RTP specification with
 * its dependency descriptor. Pure functions, any thread; anything malformed reads as "nothing
 * known". The router asks about each packet of video that comes in. */

/** Look at the start of a payload of @p codec. @p dd is the packet's dependency descriptor, NULL:
 *  none (used for AV1). */
void payload_look(enum cardea_codec_id codec, const uint8_t *payload, size_t len, const uint8_t *dd,
	size_t dd_len, struct payload_info *out);
