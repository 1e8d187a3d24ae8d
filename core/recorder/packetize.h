/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/media.h>
#include "packet.h"
#include "payloads.h"

/** @file
 * RTP payloads from frames, the other way round than depack.h: VP8 RFC 7741, with picture ids of
 * 15 bits; VP9 RFC 9628, non-flexible and without picture ids, so that receivers go by sequence
 * numbers alone; H.264 RFC 6184 (STAP-A, FU-A) and H.265 RFC 7798 (AP, FU) from Annex B; AV1 RTP
 * specification from OBUs with sizes; sound a packet for each frame. Nothing beyond a frame is
 * read, whatever it says of itself. */
struct packetizer {
	enum cardea_codec_id codec;
	uint16_t picture_id; /**< of the next frame (VP8) */
};

bool packetize_can(enum cardea_codec_id codec);
/** Give the payloads of a frame, in order: none where it has nothing to be sent. */
void packetize(struct packetizer *p, const struct rec_frame *f, payloads_fn *fn, void *arg);
/** How long the sound of a packet lasts, in ticks of its RTP clock; 0: it does not tell. */
uint32_t packetize_ticks(enum cardea_codec_id codec, const uint8_t *sound, size_t len);
