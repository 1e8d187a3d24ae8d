/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <libavformat/avformat.h>
#include <stdbool.h>

/** @file
 * A file of ours that is read, be it one that was cut off. Any thread, one at a time. */
#define AV_TRACKS 8

/** @param stop asked at each access to the file, as long as it is open: where it returns other than
 *  0, nothing more is read; NULL: go on. @return NULL: @p why says so, in a sentence */
AVFormatContext *av_reader_open(
	const char *path, const AVIOInterruptCB *stop, char *why, size_t size);
/** The next packet that is whole, of one of the first AV_TRACKS streams, with a time.
 *  @return false: there is none, or none that can be read */
bool av_reader_next(AVFormatContext *fmt, AVPacket *p);
int64_t av_reader_us(const AVFormatContext *fmt, const AVPacket *p); /**< Its time. */
/** How much of the file has been read, 0…1. */
double av_reader_done(const AVFormatContext *fmt);
/** Does a file end where it says that it does, and has its index? Not so where the process that
 *  wrote it has ended before, or a copy was broken off. */
bool av_reader_is_whole(const char *path);
