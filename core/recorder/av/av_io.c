/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include "av_io.h"

#define ROOM_BACK 65536

#if LIBAVFORMAT_VERSION_MAJOR < 61
typedef uint8_t av_bytes;
#else
typedef const uint8_t av_bytes;
#endif

static int write_bytes(void *file, av_bytes *bytes, int len)
{
	return rec_file_write(file, bytes, (size_t)len) ? AVERROR(errno) : len;
}

static int64_t seek(void *file, int64_t at, int whence)
{
	if (whence == AVSEEK_SIZE)
		return rec_file_size(file);
	if (whence == SEEK_CUR)
		at += rec_file_tell(file);
	else if (whence == SEEK_END)
		at += rec_file_size(file);
	return rec_file_seek(file, at) ? AVERROR(errno) : at;
}

AVIOContext *av_io_open(struct rec_file *f, int room_bytes)
{
	uint8_t *room = av_malloc((size_t)room_bytes);
	AVIOContext *io =
		room ? avio_alloc_context(room, room_bytes, 1, f, NULL, write_bytes, seek) : NULL;
	if (!io)
		av_free(room);
	return io;
}

void av_io_close(AVIOContext **io)
{
	if (!*io)
		return;
	av_freep(&(*io)->buffer);
	avio_context_free(io);
}

/* ---- reading back ---- */

struct back {
	const struct rec_file *file;
	int64_t at;
};

static int read_back(void *opaque, uint8_t *bytes, int len)
{
	struct back *b = opaque;
	if (rec_file_error(b->file)) /* moov's way to the front reads on, whatever writing said */
		return AVERROR_EXIT;
	ssize_t n = rec_file_read(b->file, b->at, bytes, (size_t)len);
	if (n <= 0)
		return n ? AVERROR(errno) : AVERROR_EOF;
	b->at += n;
	return (int)n;
}

static int64_t seek_back(void *opaque, int64_t at, int whence)
{
	struct back *b = opaque;
	if (whence == AVSEEK_SIZE)
		return rec_file_size(b->file);
	if (whence == SEEK_CUR)
		at += b->at;
	return b->at = at;
}

static int close_back(AVFormatContext *fmt, AVIOContext *io)
{
	(void)fmt;
	free(io->opaque);
	av_io_close(&io);
	return 0;
}

static int open_back(
	AVFormatContext *fmt, AVIOContext **io, const char *url, int flags, AVDictionary **options)
{
	uint8_t *room = av_malloc(ROOM_BACK);
	struct back *b = calloc(1, sizeof *b);
	(void)url;
	(void)options;
	*io = room && b && flags == AVIO_FLAG_READ
		      ? avio_alloc_context(room, ROOM_BACK, 0, b, read_back, NULL, seek_back)
		      : NULL;
	if (!*io) {
		av_free(room);
		free(b);
		return AVERROR(ENOMEM);
	}
	b->file = fmt->opaque;
	return 0;
}

void av_io_allow_reading(AVFormatContext *fmt, struct rec_file *f)
{
	fmt->opaque = f;
	fmt->io_open = open_back;
	fmt->io_close2 = close_back;
}
