/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "../../../core/recorder/av/av_error.h"
#include "../../../core/recorder/av/av_io.h"
#include "film_out.h"
#include "limiter.h"
#include "sound_in.h"

#define ROOM       (256 << 10) /* bytes, before they are written */
#define KEYFRAME_S 4           /* where players can seek to */
#define SOUND_BPS  128000
/* of a picture of so many pixels: 1280×720 at 30 a second get 1.8 Mbit/s */
#define BITS_A_PIXEL 0.065

struct film_out {
	struct film_out_conf conf;
	AVFormatContext *fmt;
	AVCodecContext *picture, *sound;
	AVStream *to_picture, *to_sound;
	struct limiter *limiter;
	AVPacket *packet;
	AVFrame *frame;
	int64_t n_pictures;
	int error;
	const char *failed; /* what */
};

void film_out_free(struct film_out *o)
{
	AVIOContext *io = o && o->fmt ? o->fmt->pb : NULL;
	if (!o)
		return;
	avcodec_free_context(&o->picture);
	avcodec_free_context(&o->sound);
	avformat_free_context(o->fmt);
	av_io_close(&io);
	limiter_free(o->limiter);
	av_packet_free(&o->packet);
	av_frame_free(&o->frame);
	g_free(o);
}

static bool fail(struct film_out *o, const char *what, int code)
{
	if (!o->failed) {
		o->failed = what;
		o->error = code;
	}
	return false;
}

void film_out_error(const struct film_out *o, char *why, size_t size)
{
	if (rec_file_error(o->conf.file))
		snprintf(why, size, "%s", rec_file_error(o->conf.file));
	else
		av_error_why(why, size, o->failed ? o->failed : "It failed", o->error);
}

/* ---- encoders ---- */

static const AVCodec *first_of(const char *const *names)
{
	const AVCodec *found = NULL;
	for (; *names && !found; names++)
		found = avcodec_find_encoder_by_name(*names);
	return found;
}

/* Quality for people at a table; speed before size. */
static void set_options(AVCodecContext *c)
{
	if (strcmp(c->codec->name, "libx264") == 0) {
		av_opt_set(c->priv_data, "preset", "veryfast", 0);
		av_opt_set(c->priv_data, "crf", "23", 0);
		return;
	}
	c->bit_rate = (int64_t)(BITS_A_PIXEL * c->width * c->height * c->framerate.num);
	c->rc_max_rate = 2 * c->bit_rate;
	c->rc_buffer_size = (int)(4 * c->bit_rate);
	av_opt_set(c->priv_data, "deadline", "realtime", 0);
	av_opt_set(c->priv_data, "cpu-used", "8", 0);
	av_opt_set(c->priv_data, "row-mt", "1", 0);
	av_opt_set(c->priv_data, "lag-in-frames", "0", 0);
}

static bool open_picture(struct film_out *o)
{
	static const char *const h264[] = { "libx264", "libopenh264", NULL }, *const vpx[] = {
		"libvpx-vp9", "libvpx", NULL
	};
	const AVCodec *codec = first_of(o->conf.is_webm ? vpx : h264);
	AVCodecContext *c;
	int r;
	if (!codec)
		return fail(o, "There is no encoder for pictures here", AVERROR_ENCODER_NOT_FOUND);
	if (!(c = o->picture = avcodec_alloc_context3(codec)))
		return fail(o, codec->name, AVERROR(ENOMEM));
	c->width = o->conf.width;
	c->height = o->conf.height;
	c->pix_fmt = AV_PIX_FMT_YUV420P;
	c->color_range = AVCOL_RANGE_MPEG;
	c->framerate = (AVRational){ o->conf.rate, 1 };
	c->time_base = (AVRational){ 1, o->conf.rate };
	c->gop_size = KEYFRAME_S * o->conf.rate;
	c->thread_count = 0; /* as many as there are processors */
	if (o->fmt->oformat->flags & AVFMT_GLOBALHEADER)
		c->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
	set_options(c);
	if ((r = avcodec_open2(c, codec, NULL)) < 0)
		return fail(o, codec->name, r);
	return true;
}

static bool open_sound(struct film_out *o, char *why, size_t size)
{
	static const char *const aac[] = { "aac", "libfdk_aac", NULL }, *const opus[] = { "libopus",
		NULL };
	const AVCodec *codec = first_of(o->conf.is_webm ? opus : aac);
	AVCodecContext *c;
	int r;
	if (!codec)
		return fail(o, "There is no encoder for sound here", AVERROR_ENCODER_NOT_FOUND);
	if (!(c = o->sound = avcodec_alloc_context3(codec)))
		return fail(o, codec->name, AVERROR(ENOMEM));
	c->sample_rate = SOUND_HZ;
	c->sample_fmt = strcmp(codec->name, "aac") == 0 ? AV_SAMPLE_FMT_FLTP : AV_SAMPLE_FMT_S16;
	c->ch_layout = (AVChannelLayout)AV_CHANNEL_LAYOUT_STEREO;
	c->bit_rate = SOUND_BPS;
	c->time_base = (AVRational){ 1, SOUND_HZ };
	if (o->fmt->oformat->flags & AVFMT_GLOBALHEADER)
		c->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
	if ((r = avcodec_open2(c, codec, NULL)) < 0)
		return fail(o, codec->name, r);
	o->limiter = limiter_new(c->sample_fmt, c->frame_size, why, size);
	return o->limiter;
}

/* ---- the container ---- */

static AVStream *add_stream(struct film_out *o, const AVCodecContext *c)
{
	AVStream *st = avformat_new_stream(o->fmt, NULL);
	if (!st || avcodec_parameters_from_context(st->codecpar, c) < 0)
		return NULL;
	st->time_base = c->time_base;
	st->avg_frame_rate = c->framerate;
	return st;
}

static void set_texts(struct film_out *o)
{
	char text[64];
	time_t s = (time_t)(o->conf.began_us / G_USEC_PER_SEC);
	struct tm tm;
	if (o->conf.title)
		av_dict_set(&o->fmt->metadata, "title", o->conf.title, 0);
	if (o->conf.began_us > 0 && gmtime_r(&s, &tm) &&
		strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm))
		av_dict_set(&o->fmt->metadata, "creation_time", text, 0);
}

static bool write_head(struct film_out *o)
{
	AVDictionary *options = NULL;
	int r;
	av_dict_set(&options, o->conf.is_webm ? "cues_to_front" : "movflags",
		o->conf.is_webm ? "1" : "faststart", 0);
	r = avformat_write_header(o->fmt, &options);
	av_dict_free(&options);
	return r >= 0 || fail(o, rec_file_name(o->conf.file), r);
}

static bool open_all(struct film_out *o, char *why, size_t size)
{
	o->packet = av_packet_alloc();
	o->frame = av_frame_alloc();
	avformat_alloc_output_context2(&o->fmt, NULL, o->conf.is_webm ? "webm" : "mp4", "");
	if (!o->packet || !o->frame || !o->fmt || !(o->fmt->pb = av_io_open(o->conf.file, ROOM)))
		return fail(o, rec_file_name(o->conf.file), AVERROR(ENOMEM));
	av_io_allow_reading(o->fmt, o->conf.file);
	if (!open_picture(o) || !open_sound(o, why, size))
		return false;
	if (!(o->to_picture = add_stream(o, o->picture)) ||
		!(o->to_sound = add_stream(o, o->sound)))
		return fail(o, rec_file_name(o->conf.file), AVERROR(ENOMEM));
	set_texts(o);
	return write_head(o);
}

struct film_out *film_out_new(const struct film_out_conf *conf, char *why, size_t size)
{
	struct film_out *o = g_new0(struct film_out, 1);
	o->conf = *conf;
	av_error_forget();
	if (open_all(o, why, size))
		return o;
	if (o->failed)
		film_out_error(o, why, size);
	film_out_free(o);
	return NULL;
}

/* ---- frames ---- */

/* @param f NULL: there is no more */
static bool encode(struct film_out *o, AVCodecContext *c, AVStream *to, AVFrame *f)
{
	int r = avcodec_send_frame(c, f);
	if (r < 0)
		return fail(o, c->codec->name, r);
	while ((r = avcodec_receive_packet(c, o->packet)) >= 0) {
		if (!o->packet->duration && c == o->picture)
			o->packet->duration = 1;
		av_packet_rescale_ts(o->packet, c->time_base, to->time_base);
		o->packet->stream_index = to->index;
		if ((r = av_interleaved_write_frame(o->fmt, o->packet)) < 0)
			return fail(o, rec_file_name(o->conf.file), r);
	}
	return r == AVERROR(EAGAIN) || r == AVERROR_EOF || fail(o, c->codec->name, r);
}

bool film_out_picture(struct film_out *o, AVFrame *f)
{
	f->pts = o->n_pictures++;
	f->pict_type = AV_PICTURE_TYPE_NONE;
	return encode(o, o->picture, o->to_picture, f) && !rec_file_error(o->conf.file);
}

bool film_out_sound(struct film_out *o, const float *stereo, int n)
{
	if (!limiter_put(o->limiter, stereo, n))
		return fail(o, "Sound", AVERROR(ENOMEM));
	while (limiter_get(o->limiter, o->frame))
		if (!encode(o, o->sound, o->to_sound, o->frame))
			return false;
	return true;
}

bool film_out_end(struct film_out *o)
{
	int r;
	if (!film_out_sound(o, NULL, 0) || !encode(o, o->sound, o->to_sound, NULL) ||
		!encode(o, o->picture, o->to_picture, NULL))
		return false;
	if ((r = av_write_trailer(o->fmt)) < 0)
		return fail(o, rec_file_name(o->conf.file), r);
	avio_flush(o->fmt->pb);
	return !rec_file_error(o->conf.file);
}
