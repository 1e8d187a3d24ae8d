/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <libavutil/frame.h>
#include <stdbool.h>

/** @file
 * What all say at once is too loud for a file: libavfilter's alimiter turns it down where it is,
 * and gives it out as an encoder wants it. */
struct limiter;
/** Stereo of SOUND_HZ in, and out.
 *  @param format enum AVSampleFormat of what comes out. @param frame samples in each; 0: any
 *  @return NULL: @p why, a sentence */
struct limiter *limiter_new(int format, int frame, char *why, size_t size);
/** @param stereo @p n samples of two channels; NULL: there is no more. @return false: no memory */
bool limiter_put(struct limiter *l, const float *stereo, int n);
/** @return false: nothing yet, or no more */
bool limiter_get(struct limiter *l, AVFrame *f);
void limiter_free(struct limiter *l); /**< NULL is fine. */
