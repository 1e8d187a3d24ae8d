/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of every codec, by the encoders of libavcodec; compiled once for all tests that use it. */
#include <libavcodec/avcodec.h>
#include <libavutil/opt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "media_maker.h"

static struct second {
	enum cardea_codec_id codec;
	unsigned width, n;
	struct made frames[64];
} seconds[24];
static unsigned n_seconds;

static const struct {
	enum cardea_codec_id codec;
	const char *name;
	const char *options[8];
} encoders[] = {
	{ CARDEA_OPUS, "libopus", { NULL } },
	{ CARDEA_MULTIOPUS, "libopus", { "mapping_family", "1", NULL } },
	{ CARDEA_G722, "g722", { NULL } },
	{ CARDEA_PCMU, "pcm_mulaw", { NULL } },
	{ CARDEA_PCMA, "pcm_alaw", { NULL } },
	{ CARDEA_L16, "pcm_s16be", { NULL } },
	{ CARDEA_L16_48, "pcm_s16be", { NULL } },
	{ CARDEA_VP8, "libvpx", { "deadline", "realtime", "cpu-used", "8", NULL } },
	{ CARDEA_VP9, "libvpx-vp9",
		{ "deadline", "realtime", "cpu-used", "8", "lag-in-frames", "0", NULL } },
	{ CARDEA_H264, "libx264", { "preset", "ultrafast", "tune", "zerolatency", NULL } },
	{ CARDEA_H265, "libx265",
		{ "preset", "ultrafast", "x265-params", "log-level=none:bframes=0:repeat-headers=1",
			NULL } },
	{ CARDEA_AV1, "libaom-av1", { "usage", "realtime", "cpu-used", "8", NULL } },
};

/* Something that moves, and is heard. */
static void paint(AVFrame *f, int64_t t)
{
	int hz = f->sample_rate ? f->sample_rate : 1;
	for (int y = 0; y < f->height; y++)
		for (int x = 0; x < f->width; x++)
			f->data[0][y * f->linesize[0] + x] = (uint8_t)(x + y + t * 5);
	for (int p = 1; p < 3 && f->height; p++)
		memset(f->data[p], 100 + 20 * p, (size_t)(f->linesize[p] * f->height / 2));
	for (int i = 0; i < f->nb_samples * f->ch_layout.nb_channels; i++)
		((int16_t *)f->data[0])[i] =
			(int16_t)(8000 * sin(6.2831853 * 440 * (double)(t + i) / hz));
}

static void take(struct second *s, AVCodecContext *c, AVPacket *p)
{
	while (s->n < 64 && !avcodec_receive_packet(c, p)) {
		struct made *m = &s->frames[s->n++];
		m->data = malloc((size_t)p->size);
		memcpy(m->data, p->data, m->len = (size_t)p->size);
		m->is_keyframe = p->flags & AV_PKT_FLAG_KEY;
		/* what libaom puts first, and RTP does not have */
		if (s->codec == CARDEA_AV1 && !memcmp(m->data, "\x12\0", 2))
			memmove(m->data, m->data + 2, m->len -= 2);
		av_packet_unref(p);
	}
}

static void encode(struct second *s, AVCodecContext *c)
{
	AVFrame *f = av_frame_alloc();
	AVPacket *p = av_packet_alloc();
	bool is_video = c->codec_type == AVMEDIA_TYPE_VIDEO;
	int frames = is_video ? MADE_FPS : 50;
	f->width = c->width;
	f->height = c->height;
	f->sample_rate = c->sample_rate;
	f->nb_samples = is_video ? 0 : c->sample_rate / 50;
	f->format = is_video ? (int)c->pix_fmt : (int)c->sample_fmt;
	av_channel_layout_copy(&f->ch_layout, &c->ch_layout);
	for (int i = 0; i < frames; i++) {
		if (av_frame_get_buffer(f, 0))
			break;
		f->pts = is_video ? i : i * f->nb_samples;
		paint(f, f->pts);
		avcodec_send_frame(c, f);
		take(s, c, p);
		for (unsigned b = 0; b < AV_NUM_DATA_POINTERS; b++)
			av_buffer_unref(&f->buf[b]);
	}
	avcodec_send_frame(c, NULL);
	take(s, c, p);
	av_frame_free(&f);
	av_packet_free(&p);
}

static AVCodecContext *open_encoder(unsigned which, unsigned width)
{
	const AVCodec *codec = avcodec_find_encoder_by_name(encoders[which].name);
	AVCodecContext *c = codec ? avcodec_alloc_context3(codec) : NULL;
	enum cardea_codec_id id = encoders[which].codec;
	if (!c)
		return NULL;
	if (cardea_codec_kind(id) == CARDEA_VIDEO) {
		c->width = (int)width;
		c->height = (int)width * 3 / 4;
		c->pix_fmt = AV_PIX_FMT_YUV420P;
		c->time_base = (AVRational){ 1, MADE_FPS };
		c->gop_size = MADE_FPS;
		c->bit_rate = 500000;
		c->max_b_frames = 0;
		c->thread_count = 1;
	} else {
		c->sample_rate = id < CARDEA_G722 || id == CARDEA_L16_48 ? 48000
				 : id == CARDEA_G722 || id == CARDEA_L16 ? 16000
									 : 8000;
		c->sample_fmt = AV_SAMPLE_FMT_S16;
		c->time_base = (AVRational){ 1, c->sample_rate };
		av_channel_layout_default(&c->ch_layout, id == CARDEA_MULTIOPUS ? 6
							 : id == CARDEA_OPUS    ? 2
										: 1);
	}
	for (const char *const *o = encoders[which].options; *o; o += 2)
		av_opt_set(c->priv_data, o[0], o[1], 0);
	if (avcodec_open2(c, codec, NULL) < 0)
		avcodec_free_context(&c);
	return c;
}

unsigned media_make(enum cardea_codec_id codec, unsigned width, const struct made **out)
{
	struct second *s = seconds;
	unsigned i = 0;
	AVCodecContext *c;
	while (s < seconds + n_seconds && (s->codec != codec || s->width != width))
		s++;
	*out = s->frames;
	if (s < seconds + n_seconds)
		return s->n;
	while (i < sizeof encoders / sizeof encoders[0] && encoders[i].codec != codec)
		i++;
	av_log_set_level(AV_LOG_QUIET);
	if (i == sizeof encoders / sizeof encoders[0] || !(c = open_encoder(i, width)))
		return 0;
	n_seconds++;
	s->codec = codec;
	s->width = width;
	s->n = 0;
	encode(s, c);
	avcodec_free_context(&c);
	return s->n;
}

struct rec_frame media_frame(const struct made *of, unsigned n, unsigned i)
{
	const struct made *m = &of[i % n];
	return (struct rec_frame){ .data = m->data, .len = m->len, .is_keyframe = m->is_keyframe };
}

void media_unmake(void)
{
	for (unsigned i = 0; i < n_seconds; i++)
		for (unsigned k = 0; k < seconds[i].n; k++)
			free(seconds[i].frames[k].data);
	n_seconds = 0;
}
