/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <libavformat/avformat.h>
#include "../file.h"

/** @file
 * A struct rec_file as libav wants one. Same thread as the file. */

/** @param f borrowed until av_io_close()
 *  @param room_bytes what is gathered before it is written. @return NULL: no memory */
AVIOContext *av_io_open(struct rec_file *f, int room_bytes);
/** Let @p fmt read back what it has written, for what moves to the front of a file. */
void av_io_allow_reading(AVFormatContext *fmt, struct rec_file *f);
/** What stands in its buffer is dropped: avio_flush() before. NULL is fine. */
void av_io_close(AVIOContext **io);
