/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <libavcodec/avcodec.h>
#include <stdbool.h>
#include <stdint.h>

/** @file
 * One track of a file, decoded frame by frame. Sound and picture of a file are each read for
 * themselves, so that neither has to wait in memory for the other. */
struct track_in;
/** @param kind the first track of it is taken
 *  @param from_us what is before is not wanted; it may come nevertheless
 *  @return NULL: @p why, a sentence */
struct track_in *track_in_open(
	const char *path, enum AVMediaType kind, int64_t from_us, char *why, size_t size);
/** @param f gets a new reference in place of what it has. @param us in the file's own time
 *  @return false: there is no more that can be decoded */
bool track_in_next(struct track_in *t, AVFrame *f, int64_t *us);
void track_in_close(struct track_in *t); /**< NULL is fine. */
