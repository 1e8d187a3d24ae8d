/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include "picture_in.h"
#include "track_in.h"

#define OFF_US 3000000 /* a camera whose last picture is older is off; less is a loss */

struct picture_in {
	struct track_in *track;
	AVFrame *now, *next;
	int64_t now_us, next_us; /* INT64_MAX: there is no next one */
	bool holds, has_now;
};

static void read_next(struct picture_in *p)
{
	if (!track_in_next(p->track, p->next, &p->next_us))
		p->next_us = INT64_MAX;
}

struct picture_in *picture_in_open(
	const char *path, bool holds, int64_t from_us, char *why, size_t size)
{
	struct picture_in *p = g_new0(struct picture_in, 1);
	p->holds = holds;
	p->now = av_frame_alloc();
	p->next = av_frame_alloc();
	p->track = track_in_open(path, AVMEDIA_TYPE_VIDEO, from_us, why, size);
	if (p->track && p->now && p->next) {
		read_next(p);
		return p;
	}
	picture_in_close(p);
	return NULL;
}

const AVFrame *picture_in_at(struct picture_in *p, int64_t us)
{
	while (p->next_us <= us) {
		AVFrame *old = p->now;
		p->now = p->next;
		p->now_us = p->next_us;
		p->next = old;
		p->has_now = true;
		read_next(p);
	}
	return p->has_now && (p->holds || us - p->now_us < OFF_US) ? p->now : NULL;
}

void picture_in_close(struct picture_in *p)
{
	if (!p)
		return;
	track_in_close(p->track);
	av_frame_free(&p->now);
	av_frame_free(&p->next);
	g_free(p);
}
