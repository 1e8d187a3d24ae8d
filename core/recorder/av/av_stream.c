/* SPDX-License-Identifier: Apache-2.0 */
#include <libavcodec/avcodec.h>
#include <libavutil/intreadwrite.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "av_stream.h"
#include "nal.h"

#define VIDEO_HZ   90000
#define SILENCE_US 250000 /* longer than any frame, shorter than what is called a gap */
/* Of pictures whose size nobody knows yet; it stands in their keyframes, and mux_finish() reads it
 * there. */
#define WIDTH  1280
#define HEIGHT 720

static const struct {
	enum cardea_codec_id ours;
	enum AVCodecID theirs;
	const char *name;
} codecs[] = {
	{ CARDEA_OPUS, AV_CODEC_ID_OPUS, "Opus" },
	{ CARDEA_MULTIOPUS, AV_CODEC_ID_OPUS, "Opus" },
	{ CARDEA_G722, AV_CODEC_ID_ADPCM_G722, "G.722" },
	{ CARDEA_PCMU, AV_CODEC_ID_PCM_MULAW, "G.711" },
	{ CARDEA_PCMA, AV_CODEC_ID_PCM_ALAW, "G.711" },
	{ CARDEA_L16_48, AV_CODEC_ID_PCM_S16BE, "L16" },
	{ CARDEA_L16, AV_CODEC_ID_PCM_S16BE, "L16" },
	{ CARDEA_L16, AV_CODEC_ID_PCM_S16LE, "L16" }, /* of WAV: read, and never written */
	{ CARDEA_VP8, AV_CODEC_ID_VP8, "VP8" },
	{ CARDEA_VP9, AV_CODEC_ID_VP9, "VP9" },
	{ CARDEA_H264, AV_CODEC_ID_H264, "H.264" },
	{ CARDEA_AV1, AV_CODEC_ID_AV1, "AV1" },
	{ CARDEA_H265, AV_CODEC_ID_HEVC, "H.265" },
};
#define N_CODECS (sizeof codecs / sizeof codecs[0])

enum cardea_codec_id av_stream_codec(const AVCodecParameters *par)
{
	if (par->codec_id == AV_CODEC_ID_OPUS && par->ch_layout.nb_channels > 2)
		return CARDEA_MULTIOPUS;
	if (par->codec_id == AV_CODEC_ID_PCM_S16BE || par->codec_id == AV_CODEC_ID_PCM_S16LE)
		return par->sample_rate == 48000 ? CARDEA_L16_48 : CARDEA_L16;
	for (unsigned i = 0; i < N_CODECS; i++)
		if (codecs[i].theirs == par->codec_id)
			return codecs[i].ours;
	return CARDEA_CODEC_NONE;
}

uint32_t av_stream_clock(const AVCodecParameters *par)
{
	if (par->codec_type == AVMEDIA_TYPE_VIDEO)
		return VIDEO_HZ;
	if (par->codec_id == AV_CODEC_ID_OPUS)
		return 48000;
	return (uint32_t)par->sample_rate / (par->codec_id == AV_CODEC_ID_ADPCM_G722 ? 2 : 1);
}

int64_t av_stream_step(const AVStream *st, int64_t since, int64_t was)
{
	return av_rescale_q(since, st->time_base, AV_TIME_BASE_Q) < SILENCE_US ? since : was;
}

const char *av_stream_muxer(enum mux_container c)
{
	static const char *const names[] = { "", "webm", "mp4", "matroska", "opus" };
	return names[c];
}

static bool set_extradata(AVCodecParameters *par, const uint8_t *bytes, size_t len)
{
	par->extradata = av_mallocz(len + AV_INPUT_BUFFER_PADDING_SIZE);
	if (!par->extradata)
		return false;
	memcpy(par->extradata, bytes, len);
	par->extradata_size = (int)len;
	return true;
}

/* RFC 7845, 5.1. Of a call nothing is to be skipped at its beginning: there is a frame before it
 * that nobody has, and what is heard is heard when it was said. */
static size_t opus_head(uint8_t out[32], unsigned channels, uint32_t hz)
{
	/* streams, of them coupled, and the order that RFC 7845, 5.1.1.2 tells, from 3 channels */
	static const uint8_t maps[6][10] = { { 2, 1, 0, 2, 1 }, { 2, 2, 0, 1, 2, 3 },
		{ 3, 2, 0, 4, 1, 2, 3 }, { 4, 2, 0, 4, 1, 2, 3, 5 }, { 4, 3, 0, 4, 1, 2, 3, 5, 6 },
		{ 5, 3, 0, 6, 1, 2, 3, 4, 5, 7 } };
	memcpy(out, "OpusHead\1", 9);
	out[9] = (uint8_t)channels;
	AV_WL16(out + 10, 0); /* pre-skip */
	AV_WL32(out + 12, hz);
	AV_WL16(out + 16, 0);
	out[18] = channels > 2;
	if (channels <= 2)
		return 19;
	memcpy(out + 19, maps[channels - 3], 2 + channels);
	return 21 + channels;
}

static bool set_opus(AVCodecParameters *par)
{
	uint8_t head[32];
	av_freep(&par->extradata);
	return set_extradata(par, head,
		opus_head(head, (unsigned)par->ch_layout.nb_channels, (uint32_t)par->sample_rate));
}

static bool is_opus_head(const AVCodecParameters *par)
{
	int channels = par->ch_layout.nb_channels;
	return par->extradata_size >= (channels > 2 ? 21 + channels : 19) &&
	       !memcmp(par->extradata, "OpusHead\1", 9) && par->extradata[9] == channels &&
	       par->extradata[18] == (channels > 2);
}

bool av_stream_mend(AVCodecParameters *par)
{
	if (av_stream_codec(par) == CARDEA_CODEC_NONE)
		return false;
	if (par->codec_type == AVMEDIA_TYPE_VIDEO)
		return par->width > 0 && par->height > 0;
	if (par->sample_rate <= 0 || par->ch_layout.nb_channels < 1 ||
		par->ch_layout.nb_channels > 8)
		return false;
	return par->codec_id != AV_CODEC_ID_OPUS || is_opus_head(par) || set_opus(par);
}

static bool set_audio(AVCodecParameters *par, const struct mux_track *t)
{
	int channels = t->channels ? (int)t->channels : 1;
	if (channels > 8)
		return false;
	par->codec_type = AVMEDIA_TYPE_AUDIO;
	par->sample_rate = (int)t->clock_hz;
	av_channel_layout_default(&par->ch_layout, channels);
	if (par->codec_id == AV_CODEC_ID_OPUS) {
		par->sample_rate = 48000;
		par->seek_preroll = 3840; /* 80 ms: RFC 7845, 4.6 */
		return set_opus(par);
	}
	if (par->codec_id == AV_CODEC_ID_ADPCM_G722)
		par->sample_rate = 16000;
	par->bits_per_coded_sample = av_get_bits_per_sample(par->codec_id);
	par->bit_rate = (int64_t)par->bits_per_coded_sample * par->sample_rate * channels;
	par->block_align = par->codec_id == AV_CODEC_ID_ADPCM_G722
				   ? 1
				   : par->bits_per_coded_sample * channels / 8;
	return par->sample_rate > 0;
}

static bool set_video(AVCodecParameters *par, const struct mux_track *t)
{
	par->codec_type = AVMEDIA_TYPE_VIDEO;
	par->width = t->width ? t->width : WIDTH;
	par->height = t->height ? t->height : HEIGHT;
	return !t->head_len || set_extradata(par, t->head, t->head_len);
}

static bool lacks_head(const struct mux_track *t, enum AVCodecID codec)
{
	return (codec == AV_CODEC_ID_H264 || codec == AV_CODEC_ID_HEVC) &&
	       !nal_annexb_has_sets(codec, t->head, t->head_len);
}

static bool name_stream(AVStream *st, const struct mux_track *t)
{
	return !t->name || (av_dict_set(&st->metadata, "title", t->name, 0) >= 0 &&
				   av_dict_set(&st->metadata, "handler_name", t->name, 0) >= 0);
}

/* Parameter sets may change from one keyframe to the next, with the resolution: these two allow
 * them between the pictures (ISO/IEC 14496-15). mux_finish() makes avc1 and hvc1 of them, which
 * more players know, where they never do. */
static uint32_t tag_of(enum cardea_codec_id c, enum mux_container in)
{
	if (in != MUX_MP4)
		return 0;
	if (c == CARDEA_H264)
		return MKTAG('a', 'v', 'c', '3');
	return c == CARDEA_H265 ? MKTAG('h', 'e', 'v', '1') : 0;
}

bool av_stream_add(AVFormatContext *fmt, const struct mux_track *t, enum mux_container c, char *why,
	size_t size)
{
	AVStream *st;
	unsigned i = 0;
	bool is_audio;
	while (i < N_CODECS && codecs[i].ours != t->codec)
		i++;
	if (i == N_CODECS) {
		snprintf(why, size, "No container holds this codec.");
		return false;
	}
	if (lacks_head(t, codecs[i].theirs)) {
		snprintf(why, size, "%s needs the parameter sets of a keyframe.", codecs[i].name);
		return false;
	}
	if (!(st = avformat_new_stream(fmt, NULL))) {
		snprintf(why, size, "There is no memory for a track.");
		return false;
	}
	is_audio = avcodec_get_type(codecs[i].theirs) == AVMEDIA_TYPE_AUDIO;
	st->codecpar->codec_id = codecs[i].theirs;
	st->codecpar->codec_tag = tag_of(t->codec, c);
	if (!(is_audio ? set_audio : set_video)(st->codecpar, t) || !name_stream(st, t)) {
		snprintf(why, size, "%s cannot be written as it was described.", codecs[i].name);
		return false;
	}
	st->time_base = (AVRational){ 1, is_audio ? st->codecpar->sample_rate : VIDEO_HZ };
	return true;
}

void av_stream_describe(AVFormatContext *fmt, const char *title, int64_t began_us)
{
	char text[64];
	time_t s = (time_t)(began_us / 1000000);
	struct tm t;
	size_t n;
	if (title && *title)
		av_dict_set(&fmt->metadata, "title", title, 0);
	if (!began_us)
		return;
	gmtime_r(&s, &t);
	n = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &t);
	snprintf(text + n, sizeof text - n, ".%06dZ", (int)(began_us % 1000000));
	av_dict_set(&fmt->metadata, "creation_time", text, 0);
	if (!strcmp(fmt->oformat->name, "mp4"))
		av_dict_set(&fmt->metadata, "date", text, 0);
}
