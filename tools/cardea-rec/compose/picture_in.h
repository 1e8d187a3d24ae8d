/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <libavutil/frame.h>
#include <stdbool.h>
#include <stdint.h>

/** @file
 * The pictures of a file, asked for by time. */
struct picture_in;
/** @param holds a picture is seen until the next one: a shared screen may stand still for long. A
 *  camera that sends nothing for seconds is off
 *  @param from_us of the file's time: nothing before is asked for
 *  @return NULL: @p why, a sentence */
struct picture_in *picture_in_open(
	const char *path, bool holds, int64_t from_us, char *why, size_t size);
/** What is seen at @p us of the file's time, which never falls. NULL: nothing. Borrowed until the
 *  next call; the same picture has the same pts. */
const AVFrame *picture_in_at(struct picture_in *p, int64_t us);
void picture_in_close(struct picture_in *p); /**< NULL is fine. */
