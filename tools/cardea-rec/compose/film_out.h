/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <libavutil/frame.h>
#include "../../../core/recorder/file.h"

/** @file
 * The film's file: H.264 and AAC in MP4, VP9 (or VP8) and Opus in WebM, by libavcodec's
 * encoders. */
struct film_out;
struct film_out_conf {
	struct rec_file *file; /**< borrowed until film_out_free() */
	bool is_webm;
	int width, height, rate;
	const char *title; /**< NULL: none */
	int64_t began_us;  /**< Unix time; 0: not known */
};
/** @return NULL: @p why, a sentence */
struct film_out *film_out_new(const struct film_out_conf *conf, char *why, size_t size);
/** The next picture. @return false: film_out_error() */
bool film_out_picture(struct film_out *o, AVFrame *f);
/** The next samples: @p n of two channels at SOUND_HZ. */
bool film_out_sound(struct film_out *o, const float *stereo, int n);
bool film_out_end(struct film_out *o); /**< What is still in encoders, and the index. */
void film_out_error(const struct film_out *o, char *why, size_t size); /**< A sentence. */
void film_out_free(struct film_out *o);                                /**< NULL is fine. */
