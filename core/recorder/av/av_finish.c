/* SPDX-License-Identifier: Apache-2.0 */
#include <libavcodec/avcodec.h>
#include <stdio.h>
#include <string.h>
#include "av_error.h"
#include "av_io.h"
#include "av_reader.h"
#include "av_stream.h"
#include "mux.h"
#include "nal.h"

/* A file is read twice: to know which tracks have anything, and whether parameter sets change; then
 * to be copied. */
#define LOOK_SHARE 0.2 /* of the work */
#define ROOM       (256 << 10)
/* How long a frame waits for those of a track that is silent. */
#define WAIT_US 2000000

struct finishing {
	const char *from;
	struct rec_file *to;
	enum mux_container container;
	const struct mux_copy *how;
	AVFormatContext *in, *out;
	AVPacket *pkt;
	struct {
		uint64_t frames;
		bool sets_change;
		int to;       /* its track in the new file */
		int64_t last; /* time in the new file; -1: none yet */
		int64_t step; /* how long a frame lasts */
	} tracks[AV_TRACKS];
	double told;
	bool is_stopped;
};

/* @return false: stop */
static bool tell(struct finishing *f, double done)
{
	if ((unsigned)(done * 100) != (unsigned)(f->told * 100)) {
		f->told = done;
		f->is_stopped |= f->how->progress && !f->how->progress(f->how->arg, done);
	}
	return !f->is_stopped;
}

/* What is damaged, or far away on a slow disk, is long looked through before there is a packet. */
static int is_stopped(void *arg)
{
	struct finishing *f = arg;
	f->is_stopped |= f->how->progress && !f->how->progress(f->how->arg, f->told);
	return f->is_stopped;
}

static enum err say_stopped(char *why, size_t size)
{
	snprintf(why, size, "It was stopped.");
	return ERR_STATE;
}

static bool is_too_long(const struct finishing *f, uint64_t frames)
{
	return f->container == MUX_MP4 && f->how->mp4_frames && frames > f->how->mp4_frames;
}

static enum err look(struct finishing *f, char *why, size_t size)
{
	uint64_t frames = 0;
	for (; av_reader_next(f->in, f->pkt); av_packet_unref(f->pkt)) {
		int i = f->pkt->stream_index;
		const AVCodecParameters *par = f->in->streams[i]->codecpar;
		f->tracks[i].frames++;
		if (is_too_long(f, ++frames)) {
			av_packet_unref(f->pkt);
			snprintf(why, size,
				"It is too long for an index in front: cardea-rec repair makes "
				"it.");
			return ERR_FULL;
		}
		if (nal_has(par) && !nal_sets_known(par, f->pkt->data, (size_t)f->pkt->size))
			f->tracks[i].sets_change = true;
		if (!tell(f, LOOK_SHARE * av_reader_done(f->in)))
			break;
	}
	av_packet_unref(f->pkt);
	if (f->is_stopped)
		return say_stopped(why, size);
	if (frames)
		return OK;
	snprintf(why, size, "%s: there is nothing in it that can be played.", f->from);
	return ERR_INVALID;
}

/* ---- the head ---- */

static void copy_text(AVDictionary **to, AVDictionary *from, const char *key)
{
	const AVDictionaryEntry *e = av_dict_get(from, key, NULL, 0);
	if (e)
		av_dict_set(to, key, e->value, 0);
}

/* More players know avc1 and hvc1, whose parameter sets are those of the head. */
static uint32_t tag_of(enum mux_container c, enum AVCodecID codec, bool sets_change)
{
	if (c != MUX_MP4)
		return 0;
	if (codec == AV_CODEC_ID_H264)
		return sets_change ? MKTAG('a', 'v', 'c', '3') : MKTAG('a', 'v', 'c', '1');
	if (codec == AV_CODEC_ID_HEVC)
		return sets_change ? MKTAG('h', 'e', 'v', '1') : MKTAG('h', 'v', 'c', '1');
	return 0;
}

static bool add_track(struct finishing *f, unsigned i)
{
	const AVStream *from = f->in->streams[i];
	AVStream *st;
	f->tracks[i].to = -1;
	f->tracks[i].last = -1;
	if (!f->tracks[i].frames || !av_stream_mend(from->codecpar))
		return true; /* declared, and never came; or damaged */
	if (!(st = avformat_new_stream(f->out, NULL)) ||
		avcodec_parameters_copy(st->codecpar, from->codecpar) < 0)
		return false;
	f->tracks[i].to = st->index;
	st->codecpar->codec_tag =
		tag_of(f->container, st->codecpar->codec_id, f->tracks[i].sets_change);
	st->time_base = (AVRational){ 1, st->codecpar->codec_type == AVMEDIA_TYPE_AUDIO
						 ? st->codecpar->sample_rate
						 : (int)av_stream_clock(st->codecpar) };
	copy_text(&st->metadata, from->metadata, "title");
	copy_text(&st->metadata, from->metadata, "handler_name");
	return true;
}

static int write_head(struct finishing *f)
{
	AVDictionary *options = NULL;
	if (f->container == MUX_MP4)
		av_dict_set(&options, "movflags", "faststart", 0);
	else
		av_dict_set(&options, "cues_to_front", "1", 0);
	int r = avformat_write_header(f->out, &options);
	av_dict_free(&options);
	return r;
}

static int open_out(struct finishing *f)
{
	static const char *const texts[] = { "title", "creation_time", "date" };
	avformat_alloc_output_context2(&f->out, NULL, av_stream_muxer(f->container), "");
	if (!f->out || !(f->out->pb = av_io_open(f->to, ROOM)))
		return AVERROR(ENOMEM);
	av_io_allow_reading(f->out, f->to);
	f->out->strict_std_compliance = FF_COMPLIANCE_UNOFFICIAL;
	f->out->flags &= ~AVFMT_FLAG_AUTO_BSF;
	f->out->max_interleave_delta = WAIT_US;
	for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++)
		copy_text(&f->out->metadata, f->in->metadata, texts[i]);
	if (f->how->title)
		av_dict_set(&f->out->metadata, "title", f->how->title, 0);
	for (unsigned i = 0; i < f->in->nb_streams && i < AV_TRACKS; i++)
		if (!add_track(f, i))
			return AVERROR(ENOMEM);
	return f->out->nb_streams ? write_head(f) : AVERROR_INVALIDDATA;
}

/* ---- frames ---- */

static void copy_packet(struct finishing *f)
{
	int i = f->pkt->stream_index;
	const AVStream *from = f->in->streams[i], *to;
	if (f->tracks[i].to < 0)
		return;
	to = f->out->streams[f->tracks[i].to];
	if (f->container == MUX_MP4 && nal_has(from->codecpar) && !f->tracks[i].sets_change &&
		av_packet_make_writable(f->pkt) >= 0)
		f->pkt->size =
			(int)nal_drop_sets(from->codecpar, f->pkt->data, (size_t)f->pkt->size);
	if (!f->pkt->size)
		return;
	f->pkt->dts = f->pkt->pts; /* no picture of a call is shown later than the next one */
	av_packet_rescale_ts(f->pkt, from->time_base, to->time_base);
	if (f->pkt->pts <= f->tracks[i].last)
		f->pkt->pts = f->pkt->dts = f->tracks[i].last + 1;
	if (f->tracks[i].last >= 0)
		f->tracks[i].step =
			av_stream_step(to, f->pkt->pts - f->tracks[i].last, f->tracks[i].step);
	f->tracks[i].last = f->pkt->pts;
	if (f->pkt->duration <= 0)
		f->pkt->duration = f->tracks[i].step;
	f->pkt->stream_index = to->index;
	f->pkt->pos = -1;
	av_interleaved_write_frame(f->out, f->pkt);
}

/* What a damaged file has in it may not fit: the rest does. */
static enum err copy_packets(struct finishing *f, char *why, size_t size)
{
	while (!rec_file_error(f->to) && av_reader_next(f->in, f->pkt)) {
		copy_packet(f);
		av_packet_unref(f->pkt);
		if (!tell(f, LOOK_SHARE + (1 - LOOK_SHARE) * av_reader_done(f->in)))
			break;
	}
	if (f->is_stopped) /* reading ends as if the file did */
		return say_stopped(why, size);
	av_error_forget(); /* what was said of the old file */
	return OK;
}

static enum err copy(struct finishing *f, char *why, size_t size)
{
	int r = open_out(f);
	enum err e = r < 0 ? OK : copy_packets(f, why, size);
	if (e)
		return e;
	if (r >= 0 && (r = av_write_trailer(f->out)) >= 0)
		avio_flush(f->out->pb);
	if (rec_file_error(f->to)) {
		snprintf(why, size, "%s", rec_file_error(f->to));
		return ERR_IO;
	}
	if (r < 0)
		av_error_why(why, size, rec_file_name(f->to), r);
	return r < 0 ? ERR_INVALID : OK;
}

static enum err look_and_copy(struct finishing *f, char *why, size_t size)
{
	const AVIOInterruptCB stop = { is_stopped, f };
	enum err e;
	if (!(f->pkt = av_packet_alloc())) {
		snprintf(why, size, "There is no memory for it.");
		return ERR_FULL;
	}
	if (!(f->in = av_reader_open(f->from, &stop, why, size)))
		return f->is_stopped ? say_stopped(why, size) : ERR_INVALID;
	if ((e = look(f, why, size)))
		return e;
	avformat_close_input(&f->in);
	if (!(f->in = av_reader_open(f->from, &stop, why, size)))
		return f->is_stopped ? say_stopped(why, size) : ERR_INVALID;
	return copy(f, why, size);
}

enum err mux_copy(const char *from, struct rec_file *to, enum mux_container c,
	const struct mux_copy *how, char *why, size_t size)
{
	struct finishing f = { .from = from, .to = to, .container = c, .how = how };
	enum err e = look_and_copy(&f, why, size);
	if (f.out) {
		AVIOContext *io = f.out->pb;
		avformat_free_context(f.out);
		av_io_close(&io);
	}
	avformat_close_input(&f.in);
	av_packet_free(&f.pkt);
	return e;
}

enum err mux_finish(const char *from, struct rec_file *to, enum mux_container c,
	bool (*progress)(void *arg, double done), void *arg, char *why, size_t size)
{
	const struct mux_copy how = {
		.mp4_frames = MUX_FRAMES_MAX, .progress = progress, .arg = arg
	};
	return mux_copy(from, to, c, &how, why, size);
}
