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
	uint8_t *changed; /* what the last frame became */
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
	free(d->changed);
	free(d);
}

static bool reserve(struct demux *d, size_t size)
{
	uint8_t *more = size > d->size ? realloc(d->changed, size) : d->changed;
	if (!more)
		return false;
	d->size = size > d->size ? size : d->size;
	d->changed = more;
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
		nal_sets_annexb(par, d->changed, used);
	for (size_t at = 0; nal_next(par, d->pkt->data, (size_t)d->pkt->size, &at, &n);) {
		memcpy(d->changed + used, start, sizeof start);
		memcpy(d->changed + used + sizeof start, n.data, n.len);
		used += sizeof start + n.len;
	}
	f->data = d->changed;
	f->len = used;
	return true;
}

/* L16 has the most significant byte first (RFC 3551, 4.5.11). */
static bool swap_bytes(struct demux *d, struct rec_frame *f)
{
	f->len &= ~(size_t)1;
	if (!reserve(d, f->len))
		return false;
	for (size_t i = 0; i < f->len; i += 2) {
		d->changed[i] = f->data[i + 1];
		d->changed[i + 1] = f->data[i];
	}
	f->data = d->changed;
	return true;
}

static enum err change(struct demux *d, const AVCodecParameters *par, struct rec_frame *f)
{
	bool ok = true;
	if (nal_has(par))
		ok = to_annexb(d, par, f->is_keyframe, f);
	else if (par->codec_id == AV_CODEC_ID_PCM_S16LE)
		ok = swap_bytes(d, f);
	return ok ? OK : ERR_FULL;
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
	return change(d, par, f);
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
