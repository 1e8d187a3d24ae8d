/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../rtp/codec_info.h"

/** @file
 * Codecs as descriptions name them, by clock and payload type, for the other files of this room. */

/** The codec of an a=rtpmap. @return CARDEA_CODEC_NONE when it is not one that is routed. */
enum cardea_codec_id codec_match(enum cardea_kind kind, const char *encoding, uint32_t clock_hz);
/** Fill in what a payload type means without an a=rtpmap (RFC 3551). @return false when it means
 * nothing. */
bool codec_static(uint8_t pt, struct cardea_codec *codec);
/** Payload types for @p c in an offer of ours: the canonical ones, unless a codec of @p d, which
 * shares the bundle, has them with other parameters. Sets c->pt, c->rtx_pt for video, and c->red_pt
 * where that is not 0. */
void codec_number(const struct cardea_desc *d, struct cardea_codec *c);
