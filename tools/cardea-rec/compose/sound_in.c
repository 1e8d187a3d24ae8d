/* SPDX-License-Identifier: Apache-2.0 */
/* Frames follow one another without a seam as long as their times say about the same. A clock that
 * runs fast or slow is followed by stretching what comes: frames that are at 48,300 by their time
 * while 48,000 samples have been made get 300 more within the next second. Where times leap (mute,
 * loss) so does the sound. */
#include <glib.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>
#include <string.h>
#include "sound_in.h"
#include "track_in.h"

#define LEAP    1440 /* samples: 30 ms are a gap */
#define STRETCH 240  /* 5 ms are a clock's */

struct sound_in {
	struct track_in *track;
	AVFrame *frame;
	SwrContext *to_48k;
	int hz, format, channels; /* what to_48k is made for */
	float *chunk;             /* made of one frame */
	unsigned room, n;
	int64_t at;              /* of the chunk's first sample */
	int64_t stretched_until; /* no other stretch before */
	bool has_begun, has_ended;
};

struct sound_in *sound_in_open(const char *path, int64_t from, char *why, size_t size)
{
	struct sound_in *s = g_new0(struct sound_in, 1);
	s->frame = av_frame_alloc();
	s->track =
		track_in_open(path, AVMEDIA_TYPE_AUDIO, from * 1000 / (SOUND_HZ / 1000), why, size);
	if (s->track && s->frame)
		return s;
	sound_in_close(s);
	return NULL;
}

void sound_in_close(struct sound_in *s)
{
	if (!s)
		return;
	track_in_close(s->track);
	av_frame_free(&s->frame);
	swr_free(&s->to_48k);
	g_free(s->chunk);
	g_free(s);
}

static bool prepare(struct sound_in *s)
{
	AVChannelLayout stereo = AV_CHANNEL_LAYOUT_STEREO;
	AVFrame *f = s->frame;
	if (s->to_48k && s->hz == f->sample_rate && s->format == f->format &&
		s->channels == f->ch_layout.nb_channels)
		return true;
	swr_free(&s->to_48k);
	s->hz = f->sample_rate;
	s->format = f->format;
	s->channels = f->ch_layout.nb_channels;
	return swr_alloc_set_opts2(&s->to_48k, &stereo, AV_SAMPLE_FMT_FLT, SOUND_HZ, &f->ch_layout,
		       f->format, f->sample_rate, 0, NULL) >= 0 &&
	       swr_init(s->to_48k) >= 0;
}

/* Where the chunk is, by the time of its frame and the end of the one before. */
static void place(struct sound_in *s, int64_t us, int64_t end)
{
	int64_t at = us * (SOUND_HZ / 1000) / 1000, late = at - end;
	s->at = end;
	if (!s->has_begun || late > LEAP || late < -LEAP) {
		s->at = s->stretched_until = at;
		s->has_begun = true;
	} else if ((late > STRETCH || late < -STRETCH) && end >= s->stretched_until) {
		swr_set_compensation(s->to_48k, (int)late, SOUND_HZ);
		s->stretched_until = end + SOUND_HZ;
	}
}

static bool convert(struct sound_in *s)
{
	int64_t most = swr_get_out_samples(s->to_48k, s->frame->nb_samples);
	uint8_t *out;
	int n;
	if (most < 0 || most > SOUND_HZ * 60)
		return false;
	if (most > s->room) {
		s->room = (unsigned)most;
		s->chunk = g_renew(float, s->chunk, 2 * (size_t)s->room);
	}
	out = (uint8_t *)s->chunk;
	n = swr_convert(s->to_48k, &out, (int)s->room, (const uint8_t **)s->frame->extended_data,
		s->frame->nb_samples);
	s->n = n > 0 ? (unsigned)n : 0;
	return n >= 0;
}

static void read_chunk(struct sound_in *s)
{
	int64_t us, end = s->at + s->n;
	s->n = 0;
	if (!track_in_next(s->track, s->frame, &us) || !prepare(s)) {
		s->has_ended = true;
		return;
	}
	place(s, us, end);
	s->has_ended = !convert(s);
}

static void add(const struct sound_in *s, int64_t at, unsigned n, float *stereo)
{
	int64_t from = MAX(at, s->at), until = MIN(at + n, s->at + s->n);
	const float *chunk = s->chunk + 2 * (from - s->at);
	float *to = stereo + 2 * (from - at);
	for (int64_t i = 0; i < 2 * (until - from); i++)
		to[i] += chunk[i];
}

void sound_in_add(struct sound_in *s, int64_t at, unsigned n, float *stereo)
{
	for (;;) {
		if (s->n && s->at < at + n && s->at + s->n > at)
			add(s, at, n, stereo);
		if (s->has_ended || (s->has_begun && s->at + s->n >= at + n))
			return;
		read_chunk(s);
	}
}
