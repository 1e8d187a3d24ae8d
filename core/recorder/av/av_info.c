/* SPDX-License-Identifier: Apache-2.0 */
#include <libavutil/parseutils.h>
#include <string.h>
#include "av_info.h"
#include "av_reader.h"
#include "av_stream.h"

/* MP4 keeps seconds; "date" has it all. */
static int64_t time_of(const AVFormatContext *fmt)
{
	int64_t us = 0;
	const AVDictionaryEntry *e = av_dict_get(fmt->metadata, "date", NULL, 0);
	if (!e || av_parse_time(&us, e->value, 0) < 0)
		e = av_dict_get(fmt->metadata, "creation_time", NULL, 0);
	return e && av_parse_time(&us, e->value, 0) >= 0 ? us : 0;
}

void av_info_of(const AVFormatContext *fmt, struct mux_info *out)
{
	memset(out, 0, sizeof *out);
	out->began_us = time_of(fmt);
	out->duration_us = fmt->duration > 0 ? fmt->duration : 0;
	out->n_tracks = fmt->nb_streams < AV_TRACKS ? fmt->nb_streams : AV_TRACKS;
	for (unsigned i = 0; i < out->n_tracks; i++) {
		const AVCodecParameters *par = fmt->streams[i]->codecpar;
		out->tracks[i].codec = av_stream_codec(par);
		out->tracks[i].width = (uint16_t)par->width;
		out->tracks[i].height = (uint16_t)par->height;
		out->tracks[i].clock_hz = av_stream_clock(par);
		out->tracks[i].channels = (uint32_t)par->ch_layout.nb_channels;
	}
}

static void count(const AVFormatContext *fmt, const AVPacket *p, struct mux_info *out)
{
	int64_t us = av_reader_us(fmt, p);
	int64_t end = us + av_rescale_q(p->duration, fmt->streams[p->stream_index]->time_base,
				   AV_TIME_BASE_Q);
	if (!out->tracks[p->stream_index].frames++)
		out->tracks[p->stream_index].first_us = us;
	out->tracks[p->stream_index].last_us = us;
	out->tracks[p->stream_index].keyframes += !!(p->flags & AV_PKT_FLAG_KEY);
	out->duration_us = end > out->duration_us ? end : out->duration_us;
}

enum err mux_info(const char *path, bool deep, struct mux_info *out, char *why, size_t size)
{
	AVFormatContext *fmt = av_reader_open(path, NULL, why, size);
	AVPacket *p = av_packet_alloc();
	if (!fmt || !p) {
		avformat_close_input(&fmt);
		av_packet_free(&p);
		return ERR_INVALID;
	}
	av_info_of(fmt, out);
	out->is_whole = av_reader_is_whole(path);
	for (; deep && av_reader_next(fmt, p); av_packet_unref(p))
		count(fmt, p, out);
	av_packet_free(&p);
	avformat_close_input(&fmt);
	return OK;
}
