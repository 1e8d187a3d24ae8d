/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "depack.h"
#include "rec_env.h"
#include "rec_track.h"
#include "reorder.h"

#define ASK_US   US_PER_S /* between two wishes for a keyframe */
#define BEGIN_US (2 * US_PER_S)
#define GENS     24 /* bits of a sink's gen */
#define MARKER   0x80

/* What makes frames of one codec's packets. */
struct rec_frames {
	struct rec_track *t;
	struct reorder *reorder;
	struct depack *depack;
	struct depack_stats counted;
};

/* ---- frames ---- */

static void on_frame(void *arg, const struct rec_frame *f)
{
	struct rec_frames *m = arg;
	m->t->ops->frame(m->t->arg, m->t, f);
}

static void on_ordered(void *arg, const struct rec_packet *p, unsigned gap)
{
	struct rec_frames *m = arg;
	depack_take(m->depack, p, gap);
}

static void count(struct rec_frames *m)
{
	const struct depack_stats *s = depack_stats(m->depack);
	metric_add(&rec_frames, s->frames - m->counted.frames);
	metric_add(&rec_broken, s->broken - m->counted.broken);
	m->counted = *s;
}

static void frames_free(struct rec_frames *m)
{
	if (!m)
		return;
	reorder_free(m->reorder);
	depack_free(m->depack);
	free(m);
}

static struct rec_frames *frames_new(struct rec_track *t)
{
	struct rec_frames *m = calloc(1, sizeof *m);
	if (!m)
		return NULL;
	m->t = t;
	m->reorder = reorder_new(on_ordered, m);
	m->depack = depack_new(t->now.codec, t->now.red_pt, on_frame, m);
	if (m->reorder && m->depack)
		return m;
	frames_free(m);
	return NULL;
}

/* ---- records ---- */

static void describe(struct rec_track *t, const struct track *now)
{
	bool is_other = t->now.codec != now->codec || t->now.red_pt != now->red_pt;
	if (is_other && t->has_frames) {
		rec_track_flush(t);
		frames_free(t->frames);
		t->now = *now;
		t->frames = frames_new(t);
	}
	t->now = *now;
	t->ops->described(t->arg, t);
}

/* Packets of pictures are of no use before a keyframe; where none can be told, all pass. */
static bool has_begun(struct rec_track *t, const struct sink_packet *s)
{
	if (!t->first_us)
		t->first_us = s->at_us;
	t->has_begun = t->has_begun || t->kind != CARDEA_VIDEO || t->e2ee ||
		       (s->info.is_keyframe && s->info.starts_frame) ||
		       s->at_us - t->first_us > BEGIN_US;
	return t->has_begun;
}

static void take_packet(struct rec_track *t, const struct sink_packet *s)
{
	const uint8_t *rtp = sink_rtp(s);
	const struct rec_packet p = { .at_us = s->at_us,
		.gen = t->gen + s->gen,
		.ts = s->ts,
		.seq = s->seq,
		.layer = s->layer,
		.marker = rtp[1] & MARKER,
		.is_empty = s->is_empty,
		.rtp = rtp,
		.rtp_len = s->len,
		.payload = s->payload,
		.payload_len = s->payload_len };
	if (has_begun(t, s))
		t->ops->packet(t->arg, t, &p);
	if (t->frames)
		reorder_take(t->frames->reorder, &p);
}

static void take_packets(struct rec_track *t, const struct sink_record *r, size_t len)
{
	for (const struct sink_packet *p = NULL; (p = sink_next(r, len, p));)
		take_packet(t, p);
	if (!t->frames)
		return;
	count(t->frames);
	if (depack_wants_keyframe(t->frames->depack))
		rec_track_ask(t);
}

void rec_track_take(struct rec_track *t, const struct sink_record *r, size_t len)
{
	switch ((enum sink_type)r->type) {
	case SINK_TRACK:
		describe(t, &r->track.t);
		break;
	case SINK_PACKETS:
		take_packets(t, r, len);
		break;
	case SINK_REPORT:
		t->ops->report(t->arg, t, r);
		break;
	case SINK_CLOSED:
		rec_track_flush(t);
		t->is_open = false;
		break;
	case SINK_LOST:
	case SINK_SOURCE_ENDED:
		break;
	}
}

void rec_track_tick(struct rec_track *t, int64_t now_us)
{
	if (t->frames)
		reorder_tick(t->frames->reorder, now_us);
}

void rec_track_flush(struct rec_track *t)
{
	if (!t->frames)
		return;
	reorder_flush(t->frames->reorder);
	depack_flush(t->frames->depack);
	count(t->frames);
}

void rec_track_ask(struct rec_track *t)
{
	int64_t now_us = clock_now_us();
	if (t->kind != CARDEA_VIDEO || now_us - t->asked_us < ASK_US)
		return;
	t->asked_us = now_us;
	t->ops->want_keyframe(t->arg, t);
}

/* ---- life ---- */

struct rec_track *rec_track_new(const struct rec_cmd *c, unsigned n, bool has_frames,
	const struct rec_track_ops *ops, void *arg)
{
	struct rec_track *t = calloc(1, sizeof *t);
	if (!t)
		return NULL;
	t->ops = ops;
	t->arg = arg;
	t->sink = c->track.sink;
	t->kind = c->track.kind;
	t->e2ee = c->track.e2ee;
	t->has_frames = has_frames;
	t->is_open = true;
	t->gen = (uint32_t)n << GENS;
	snprintf(t->suffix, sizeof t->suffix, "%s", c->track.suffix);
	snprintf(t->fmtp, sizeof t->fmtp, "%s", c->track.fmtp);
	snprintf(t->text, sizeof t->text, "%s", c->track.text);
	return t;
}

void rec_track_free(struct rec_track *t)
{
	if (!t)
		return;
	frames_free(t->frames);
	free(t);
}
