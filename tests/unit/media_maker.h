/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/media.h>
#include "../../core/recorder/packet.h"

/** @file
 * Real frames, encoded by libavcodec, as the recorder's depacketizers give them: a second of each,
 * which begins with a keyframe and can be repeated. */
struct made {
	uint8_t *data;
	size_t len;
	bool is_keyframe;
};
#define MADE_FPS 25

/** Pictures (MADE_FPS a second) or sound (20 ms each) of a second.
 *  @param width of pictures, height is three quarters of it
 *  @return how many; 0: there is no encoder here. The same frames at each call */
unsigned media_make(enum cardea_codec_id codec, unsigned width, const struct made **out);
/** Frame @p i of them, repeated as often as it takes. */
struct rec_frame media_frame(const struct made *of, unsigned n, unsigned i);
void media_unmake(void); /**< Frees all. */
