/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <stdio.h>
#include "../../../core/recorder/av/av_reader.h"
#include "track_in.h"

#define MAX_PIXELS  (4096 * 4096)
#define SEEK_US     5000000 /* less is read through */
#define MAX_WRONG   1000    /* packets in a row that are none: it is not worth going on */
#define DECODER_NOT "%s: there is nothing here that can decode it."

struct track_in {
	AVFormatContext *in;
	AVCodecContext *decoder;
	AVPacket *packet;
	int stream;
	unsigned wrong;
	bool is_at_end;
};

void track_in_close(struct track_in *t)
{
	if (!t)
		return;
	avcodec_free_context(&t->decoder);
	avformat_close_input(&t->in);
	av_packet_free(&t->packet);
	g_free(t);
}

static bool open_decoder(struct track_in *t)
{
	const AVStream *st = t->in->streams[t->stream];
	const AVCodec *codec = avcodec_find_decoder(st->codecpar->codec_id);
	if (!codec || !(t->decoder = avcodec_alloc_context3(codec)) ||
		avcodec_parameters_to_context(t->decoder, st->codecpar) < 0)
		return false;
	t->decoder->pkt_timebase = st->time_base;
	t->decoder->max_pixels = MAX_PIXELS;
	t->decoder->thread_count = 1; /* there are many of them, and the encoder has its own */
	return avcodec_open2(t->decoder, codec, NULL) >= 0;
}

/* A file that was cut short has nothing to seek by: it is read from its beginning. */
static void go_to(struct track_in *t, int64_t us)
{
	int64_t ts = av_rescale_q(us, AV_TIME_BASE_Q, t->in->streams[t->stream]->time_base);
	if (us > SEEK_US)
		avformat_seek_file(t->in, t->stream, INT64_MIN, ts, ts, 0);
}

static int find_stream(const AVFormatContext *in, enum AVMediaType kind)
{
	int found = -1;
	for (unsigned i = in->nb_streams; i--;) {
		bool is_it = in->streams[i]->codecpar->codec_type == kind;
		in->streams[i]->discard = AVDISCARD_ALL;
		if (is_it && i < AV_TRACKS)
			found = (int)i;
	}
	if (found >= 0)
		in->streams[found]->discard = AVDISCARD_DEFAULT;
	return found;
}

struct track_in *track_in_open(
	const char *path, enum AVMediaType kind, int64_t from_us, char *why, size_t size)
{
	struct track_in *t = g_new0(struct track_in, 1);
	t->packet = av_packet_alloc();
	t->in = av_reader_open(path, NULL, why, size);
	if (t->in && t->packet) {
		t->stream = find_stream(t->in, kind);
		if (t->stream >= 0 && open_decoder(t)) {
			go_to(t, from_us);
			return t;
		}
		snprintf(why, size, DECODER_NOT, path);
	}
	track_in_close(t);
	return NULL;
}

/* To the decoder goes what comes next, or that there is no more. */
static void feed(struct track_in *t)
{
	while (av_reader_next(t->in, t->packet)) {
		bool is_ours = t->packet->stream_index == t->stream;
		int r = is_ours ? avcodec_send_packet(t->decoder, t->packet) : 0;
		av_packet_unref(t->packet);
		if (is_ours && r >= 0)
			return;
		t->wrong += r < 0;
		if (t->wrong > MAX_WRONG)
			break;
	}
	t->is_at_end = true;
	avcodec_send_packet(t->decoder, NULL);
}

bool track_in_next(struct track_in *t, AVFrame *f, int64_t *us)
{
	int r;
	av_frame_unref(f);
	while ((r = avcodec_receive_frame(t->decoder, f)) < 0 || !f->data[0] ||
		f->best_effort_timestamp == AV_NOPTS_VALUE) {
		if (r == AVERROR_EOF || (r == AVERROR(EAGAIN) && t->is_at_end))
			return false;
		if (r < 0 && r != AVERROR(EAGAIN) && ++t->wrong > MAX_WRONG)
			return false;
		if (r == AVERROR(EAGAIN))
			feed(t);
	}
	t->wrong = 0;
	*us = av_rescale_q(
		f->best_effort_timestamp, t->in->streams[t->stream]->time_base, AV_TIME_BASE_Q);
	return true;
}
