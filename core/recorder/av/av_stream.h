/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <libavformat/avformat.h>
#include "mux.h"

/** @file
 * A track in libav's words, and back. */

/** Add it to @p fmt. @return false: @p why says so, in a sentence */
bool av_stream_add(AVFormatContext *fmt, const struct mux_track *t, enum mux_container c, char *why,
	size_t size);
/** CARDEA_CODEC_NONE: none of ours. */
enum cardea_codec_id av_stream_codec(const AVCodecParameters *par);
/** Make good what a damaged head may lack, and libav's muxers cannot do without.
 *  @return false: nothing can be made of this track */
bool av_stream_mend(AVCodecParameters *par);
/** Of RTP timestamps, which for G.722 run at half the rate of its samples (RFC 3551, 4.5.2). */
uint32_t av_stream_clock(const AVCodecParameters *par);
/** The name of libav's muxer. */
const char *av_stream_muxer(enum mux_container c);
/** Title, and when it began: where a container keeps seconds, "date" has the rest. */
void av_stream_describe(AVFormatContext *fmt, const char *title, int64_t began_us);
/** How long a frame lasts of which that is not told: as long as the one before, whose successor
 *  came @p since later, in the stream's time base, unless there was a silence between them.
 *  @param was the answer before, 0 at first */
int64_t av_stream_step(const AVStream *st, int64_t since, int64_t was);
