/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <stdio.h>
#include <string.h>
#include "../../../core/recorder/av/av_error.h"
#include "limiter.h"
#include "sound_in.h"

struct limiter {
	AVFilterGraph *graph;
	AVFilterContext *source, *sink;
	int64_t at; /* samples that have been put in */
};

static int build(struct limiter *l, int format)
{
	char args[128];
	AVFilterContext *limit, *as;
	int r;
	snprintf(args, sizeof args,
		"sample_rate=%d:sample_fmt=flt:channel_layout=stereo:time_base=1/%d", SOUND_HZ,
		SOUND_HZ);
	if (!(l->graph = avfilter_graph_alloc()))
		return AVERROR(ENOMEM);
	if ((r = avfilter_graph_create_filter(&l->source, avfilter_get_by_name("abuffer"), "in",
		     args, NULL, l->graph)) < 0 ||
		(r = avfilter_graph_create_filter(&limit, avfilter_get_by_name("alimiter"), "limit",
			 "limit=0.9:attack=5:release=50:level=0", NULL, l->graph)) < 0)
		return r;
	snprintf(args, sizeof args, "sample_fmts=%s:sample_rates=%d:channel_layouts=stereo",
		av_get_sample_fmt_name(format), SOUND_HZ);
	if ((r = avfilter_graph_create_filter(
		     &as, avfilter_get_by_name("aformat"), "as", args, NULL, l->graph)) < 0 ||
		(r = avfilter_graph_create_filter(&l->sink, avfilter_get_by_name("abuffersink"),
			 "out", NULL, NULL, l->graph)) < 0)
		return r;
	if ((r = avfilter_link(l->source, 0, limit, 0)) < 0 ||
		(r = avfilter_link(limit, 0, as, 0)) < 0 ||
		(r = avfilter_link(as, 0, l->sink, 0)) < 0)
		return r;
	return avfilter_graph_config(l->graph, NULL);
}

struct limiter *limiter_new(int format, int frame, char *why, size_t size)
{
	struct limiter *l = g_new0(struct limiter, 1);
	int r = build(l, format);
	if (r < 0) {
		av_error_why(why, size, "Sound cannot be mixed", r);
		limiter_free(l);
		return NULL;
	}
	if (frame)
		av_buffersink_set_frame_size(l->sink, (unsigned)frame);
	return l;
}

bool limiter_put(struct limiter *l, const float *stereo, int n)
{
	AVFrame *f;
	bool good;
	if (!stereo)
		return av_buffersrc_add_frame(l->source, NULL) >= 0;
	if (!(f = av_frame_alloc()))
		return false;
	f->format = AV_SAMPLE_FMT_FLT;
	f->sample_rate = SOUND_HZ;
	f->ch_layout = (AVChannelLayout)AV_CHANNEL_LAYOUT_STEREO;
	f->nb_samples = n;
	f->pts = l->at;
	l->at += n;
	good = av_frame_get_buffer(f, 0) >= 0;
	if (good) {
		memcpy(f->data[0], stereo, (size_t)n * 2 * sizeof *stereo);
		good = av_buffersrc_add_frame(l->source, f) >= 0;
	}
	av_frame_free(&f);
	return good;
}

bool limiter_get(struct limiter *l, AVFrame *f)
{
	av_frame_unref(f);
	return av_buffersink_get_frame(l->sink, f) >= 0;
}

void limiter_free(struct limiter *l)
{
	if (!l)
		return;
	avfilter_graph_free(&l->graph);
	g_free(l);
}
