/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "av_error.h"
#include "av_reader.h"

/* What is looked at to find out what pictures there are. */
#define PROBE_BYTES (2 << 20)
#define PROBE_US    2000000

/* No pipe, which would block, nor a device. */
static int check(const char *path)
{
	struct stat s;
	if (stat(path, &s))
		return AVERROR(errno);
	if (!S_ISREG(s.st_mode))
		return AVERROR(EACCES);
	return s.st_size ? 0 : AVERROR_EOF;
}

static int open_with(
	AVFormatContext **fmt, const char *path, const AVIOInterruptCB *stop, int flags)
{
	char url[PATH_MAX + 8];
	AVDictionary *options = NULL;
	int r;
	if (!(*fmt = avformat_alloc_context()))
		return AVERROR(ENOMEM);
	(*fmt)->flags |= flags;
	if (stop)
		(*fmt)->interrupt_callback = *stop;
	snprintf(url, sizeof url, "file:%s", path); /* a name may have a colon */
	av_dict_set(&options, "protocol_whitelist", "file", 0);
	av_dict_set(
		&options, "format_whitelist", "matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,ogg,wav", 0);
	r = avformat_open_input(fmt, url, NULL, &options);
	av_dict_free(&options);
	return r;
}

/* Heads of all fragments are looked for at once, and one that was cut off would be an error: then
 * one after the other. */
static int open_input(AVFormatContext **fmt, const char *path, const AVIOInterruptCB *stop)
{
	int r = check(path);
	if (r < 0)
		return r;
	if ((r = open_with(fmt, path, stop, 0)) < 0 && r != AVERROR_EXIT)
		r = open_with(fmt, path, stop, AVFMT_FLAG_IGNIDX);
	if (r < 0)
		return r;
	(*fmt)->probesize = PROBE_BYTES;
	(*fmt)->max_analyze_duration = PROBE_US;
	r = avformat_find_stream_info(*fmt, NULL);
	return r < 0 || (*fmt)->nb_streams ? r : AVERROR_INVALIDDATA;
}

AVFormatContext *av_reader_open(
	const char *path, const AVIOInterruptCB *stop, char *why, size_t size)
{
	char what[PATH_MAX + 32];
	AVFormatContext *fmt = NULL;
	av_error_catch();
	av_error_forget();
	int r = open_input(&fmt, path, stop);
	if (r >= 0)
		return fmt;
	avformat_close_input(&fmt);
	if (r == AVERROR_EOF || r == AVERROR_INVALIDDATA)
		snprintf(why, size, "%s: there is nothing in it that can be played.", path);
	else {
		snprintf(what, sizeof what, "%s cannot be read", path);
		av_error_why(why, size, what, r);
	}
	return NULL;
}

bool av_reader_next(AVFormatContext *fmt, AVPacket *p)
{
	while (av_read_frame(fmt, p) >= 0) {
		if (p->stream_index < AV_TRACKS && !(p->flags & AV_PKT_FLAG_CORRUPT) && p->size &&
			p->pts != AV_NOPTS_VALUE)
			return true;
		av_packet_unref(p);
	}
	return false;
}

int64_t av_reader_us(const AVFormatContext *fmt, const AVPacket *p)
{
	return av_rescale_q(p->pts, fmt->streams[p->stream_index]->time_base, AV_TIME_BASE_Q);
}

double av_reader_done(const AVFormatContext *fmt)
{
	int64_t size = avio_size(fmt->pb), at = avio_tell(fmt->pb);
	return size > 0 && at < size ? (double)at / (double)size : 1;
}

/* ---- the end of a file ---- */

struct part {
	uint64_t id, begin, end; /* begin: of what is in it */
};

static uint64_t be(const uint8_t *p, unsigned n)
{
	uint64_t v = 0;
	while (n--)
		v = v << 8 | *p++;
	return v;
}

/* A number whose length is told by its first bit that is set (RFC 8794, 4). @param keep that bit
 * belongs to it. @return bytes, 0: none */
static unsigned ebml_number(const uint8_t *p, unsigned max, bool keep, uint64_t *out)
{
	unsigned n = 1;
	while (n <= max && !(p[0] & 0x80 >> (n - 1)))
		n++;
	if (n > max)
		return 0;
	*out = be(p, n);
	if (!keep)
		*out &= ~(UINT64_C(1) << 7 * n);
	return n;
}

static bool ebml_part(FILE *f, uint64_t at, struct part *out)
{
	uint8_t b[16] = { 0 };
	uint64_t len;
	unsigned n, m;
	if (fseeko(f, (off_t)at, SEEK_SET) || !fread(b, 1, 12, f) ||
		!(n = ebml_number(b, 4, true, &out->id)) ||
		!(m = ebml_number(b + n, 8, false, &len)))
		return false;
	out->begin = at + n + m;
	/* all ones: not known */
	out->end = len == (UINT64_C(1) << 7 * m) - 1 ? UINT64_MAX : out->begin + len;
	return out->end >= out->begin;
}

static bool is_whole_ebml(FILE *f, uint64_t size)
{
	struct part head, segment;
	return ebml_part(f, 0, &head) && ebml_part(f, head.end, &segment) &&
	       segment.id == 0x18538067 && segment.end == size;
}

static bool box_part(FILE *f, uint64_t at, struct part *out)
{
	uint8_t b[16] = { 0 };
	uint64_t len;
	if (fseeko(f, (off_t)at, SEEK_SET) || fread(b, 1, 16, f) < 8)
		return false;
	len = be(b, 4);
	out->id = be(b + 4, 4);
	out->begin = at + (len == 1 ? 16 : 8);
	out->end = at + (len == 1 ? be(b + 8, 8) : len);
	return out->end >= out->begin;
}

/* A moov, and all boxes whole; of fragments, which has no end otherwise, their index, too. */
static bool is_whole_mp4(FILE *f, uint64_t size)
{
	struct part box = { 0 };
	bool has_moov = false, has_fragments = false;
	while (box.end < size) {
		if (!box_part(f, box.end, &box))
			return false;
		has_moov |= box.id == 0x6d6f6f76;
		has_fragments |= box.id == 0x6d6f6f66;
	}
	return box.end == size && has_moov && (!has_fragments || box.id == 0x6d667261);
}

bool av_reader_is_whole(const char *path)
{
	uint8_t first[4] = { 0 };
	struct stat s;
	bool is = false;
	FILE *f = check(path) ? NULL : fopen(path, "rbe");
	if (!f)
		return false;
	if (!fstat(fileno(f), &s) && fread(first, 1, 4, f) == 4)
		is = be(first, 4) == 0x1a45dfa3 ? is_whole_ebml(f, (uint64_t)s.st_size)
						: is_whole_mp4(f, (uint64_t)s.st_size);
	fclose(f);
	return is;
}
