/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "av_info.h"
#include "av_reader.h"
#include "av_stream.h"
#include "nal.h"

struct demux {
	AVFormatContext *fmt;
	AVPacket *pkt;
	uint8_t *annexb; /* what the last frame became */
	size_t size;
};

struct demux *demux_open(const char *path, struct mux_info *info, char *why, size_t size)
{
	struct demux *d = calloc(1, sizeof *d);
	if (!d || !(d->pkt = av_packet_alloc())) {
		snprintf(why, size, "There is no memory to read %s.", path);
		demux_close(d);
		return NULL;
	}
	if (!(d->fmt = av_reader_open(path, NULL, why, size))) {
		demux_close(d);
		return NULL;
	}
	if (info) {
		av_info_of(d->fmt, info);
		info->is_whole = av_reader_is_whole(path);
	}
	return d;
}

void demux_close(struct demux *d)
{
	if (!d)
		return;
	avformat_close_input(&d->fmt);
	av_packet_free(&d->pkt);
	free(d->annexb);
	free(d);
}

static bool reserve(struct demux *d, size_t size)
{
	uint8_t *more = size > d->size ? realloc(d->annexb, size) : d->annexb;
	if (!more)
		return false;
	d->size = size > d->size ? size : d->size;
	d->annexb = more;
	return true;
}

static bool has_sets(const AVCodecParameters *par, const AVPacket *p)
{
	struct nal n;
	for (size_t at = 0; nal_next(par, p->data, (size_t)p->size, &at, &n);)
		if (n.is_set)
			return true;
	return false;
}

/* A length has a byte at least: what a unit takes grows by three at most. */
static bool to_annexb(
	struct demux *d, const AVCodecParameters *par, bool is_keyframe, struct rec_frame *f)
{
	static const uint8_t start[] = { 0, 0, 0, 1 };
	bool with_sets = is_keyframe && !has_sets(par, d->pkt);
	size_t used = with_sets ? nal_sets_annexb(par, NULL, 0) : 0;
	struct nal n;
	if (!reserve(d, used + 4 * (size_t)d->pkt->size))
		return false;
	if (with_sets)
		nal_sets_annexb(par, d->annexb, used);
	for (size_t at = 0; nal_next(par, d->pkt->data, (size_t)d->pkt->size, &at, &n);) {
		memcpy(d->annexb + used, start, sizeof start);
		memcpy(d->annexb + used + sizeof start, n.data, n.len);
		used += sizeof start + n.len;
	}
	f->data = d->annexb;
	f->len = used;
	return true;
}

enum err demux_read(struct demux *d, unsigned *track, struct rec_frame *f, int64_t *us)
{
	const AVCodecParameters *par;
	av_packet_unref(d->pkt);
	if (!av_reader_next(d->fmt, d->pkt))
		return ERR_NOT_FOUND;
	par = d->fmt->streams[d->pkt->stream_index]->codecpar;
	*track = (unsigned)d->pkt->stream_index;
	*us = av_reader_us(d->fmt, d->pkt);
	*f = (struct rec_frame){ .data = d->pkt->data,
		.len = (size_t)d->pkt->size,
		.is_keyframe = d->pkt->flags & AV_PKT_FLAG_KEY,
		.is_discardable = d->pkt->flags & AV_PKT_FLAG_DISPOSABLE,
		.at_us = *us,
		.ts = av_rescale(*us, av_stream_clock(par), 1000000) };
	if (f->is_keyframe) {
		f->width = (uint16_t)par->width;
		f->height = (uint16_t)par->height;
	}
	return !nal_has(par) || to_annexb(d, par, f->is_keyframe, f) ? OK : ERR_FULL;
}

enum err demux_seek(struct demux *d, int64_t us)
{
	int video = av_find_best_stream(d->fmt, AVMEDIA_TYPE_VIDEO, -1, -1, NULL, 0);
	int64_t at = us;
	av_packet_unref(d->pkt);
	if (video >= 0)
		at = av_rescale_q_rnd(
			us, AV_TIME_BASE_Q, d->fmt->streams[video]->time_base, AV_ROUND_DOWN);
	if (av_seek_frame(d->fmt, video < 0 ? -1 : video, at, AVSEEK_FLAG_BACKWARD) >= 0)
		return OK;
	return av_seek_frame(d->fmt, -1, 0, AVSEEK_FLAG_BACKWARD) >= 0 ? OK : ERR_INVALID;
}
