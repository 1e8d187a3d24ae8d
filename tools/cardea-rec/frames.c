/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include "../../core/recorder/depack.h"
#include "../../core/recorder/timeline.h"
#include "../../core/rtp/codec_info.h"
#include "frames.h"

#define HEAD_MAX 4096 /* parameter sets */
#define NEVER    INT64_MAX

struct source {
	struct frames *all;
	struct frames_track t;
	struct mjr_reader *reader;
	struct reorder *reorder;
	struct depack *depack;
	uint8_t *head;    /* depack_head() of its first keyframe */
	int64_t began_us; /* Unix time of the first frame that can be shown; 0: not known */
	/* the next record: borrowed from the reader */
	int64_t next_us; /* NEVER: there is none */
	struct rec_packet packet;
	const uint8_t *message;
	size_t message_len;
};

struct frames {
	struct source sources[FRAMES_FILES];
	unsigned n, n_media;
	struct timeline *timeline;
	const struct frames_ops *ops;
	void *arg;
};

/* ---- a record ---- */

/* @return OK too where there is none any more */
static enum err fetch(struct source *s)
{
	bool is_data = s->t.head.kind == CARDEA_DATA;
	enum err e;
	do
		e = is_data ? mjr_read_data(s->reader, &s->message, &s->message_len, &s->next_us)
			    : mjr_read(s->reader, &s->packet);
	while (e == ERR_INVALID); /* it is counted */
	if (!is_data)
		s->next_us = s->packet.at_us;
	if (e)
		s->next_us = NEVER;
	return e == ERR_NOT_FOUND ? OK : e;
}

static void on_packet(void *arg, const struct rec_packet *p, unsigned gap)
{
	struct source *s = arg;
	depack_take(s->depack, p, gap);
}

static void count(struct frames_track *t, const struct rec_frame *f, int64_t us)
{
	if (!t->frames++)
		t->first_us = us;
	t->keyframes += f->is_keyframe;
	t->last_us = us;
}

static void on_frame(void *arg, const struct rec_frame *f)
{
	struct source *s = arg;
	struct frames *all = s->all;
	int64_t us = timeline_place(all->timeline, s->t.index, f);
	count(&s->t, f, us);
	if (all->ops)
		all->ops->frame(all->arg, s->t.index, f, us);
}

static void on_message(struct source *s)
{
	struct frames *all = s->all;
	struct rec_frame f = { .len = s->message_len };
	/* without media it begins with the first message */
	int64_t us = all->n_media ? timeline_at(all->timeline, s->next_us)
				  : s->next_us - s->t.head.began_us;
	count(&s->t, &f, us);
	if (all->ops)
		all->ops->message(
			all->arg, s->message, s->message_len, s->t.head.is_binary, us, s->next_us);
}

/* ---- what a container's head wants to know ---- */

static void on_probed_frame(void *arg, const struct rec_frame *f)
{
	struct source *s = arg;
	struct mux_track *m = &s->t.mux;
	if (s->t.has_any || !f->is_keyframe)
		return;
	s->t.has_any = true;
	s->began_us = s->t.head.began_us ? f->at_us : 0;
	m->width = f->width;
	m->height = f->height;
	s->head = g_malloc(HEAD_MAX);
	m->head_len = depack_head(m->codec, f->data, f->len, s->head, HEAD_MAX);
	m->head = m->head_len ? s->head : NULL;
}

static enum err open_depack(struct source *s, depack_fn *fn)
{
	depack_free(s->depack);
	reorder_free(s->reorder);
	s->reorder = reorder_new(on_packet, s);
	s->depack = depack_new(s->t.head.codec, s->t.head.red_pt, fn, s);
	return s->reorder && s->depack ? OK : ERR_UNSUPPORTED;
}

static bool open_reader(struct source *s, char *why, size_t size)
{
	mjr_close(s->reader);
	s->reader = mjr_open(s->t.path, &s->t.head, why, size);
	if (!s->reader)
		return false;
	s->t.records = mjr_stats(s->reader);
	return true;
}

/* Read up to the first keyframe, then from the beginning. */
static bool probe(struct source *s, char *why, size_t size)
{
	if (open_depack(s, on_probed_frame)) {
		snprintf(why, size, "%s has %s, which is not known here", s->t.path,
			*s->t.head.codec_name ? s->t.head.codec_name : "no name of a codec");
		return false;
	}
	while (!s->t.has_any && !fetch(s) && s->next_us != NEVER) {
		reorder_take(s->reorder, &s->packet);
		reorder_tick(s->reorder, s->next_us);
	}
	reorder_flush(s->reorder);
	depack_flush(s->depack);
	open_depack(s, on_frame);
	s->t.packets = reorder_stats(s->reorder);
	return open_reader(s, why, size);
}

static bool open_media(struct frames *f, struct source *s, char *why, size_t size)
{
	const struct mjr_head *h = &s->t.head;
	const struct codec_info *c = codec_info(h->codec);
	if (h->e2ee) {
		snprintf(why, size,
			"%s is encrypted end to end: the keys are with those who were there",
			s->t.path);
		return false;
	}
	if (f->n_media == TIMELINE_TRACKS) {
		snprintf(why, size, "These are more than %d tracks", TIMELINE_TRACKS);
		return false;
	}
	s->t.index = f->n_media++;
	timeline_track(f->timeline, s->t.index, mjr_clock_hz(h), h->kind == CARDEA_AUDIO);
	s->t.mux = (struct mux_track){ .codec = h->codec,
		.clock_hz = mjr_clock_hz(h),
		.channels = c ? c->channels : 1,
		.name = *h->description ? h->description : NULL };
	return probe(s, why, size);
}

/* ---- begin, end ---- */

static bool open_source(
	struct frames *f, struct source *s, const char *path, char *why, size_t size)
{
	*s = (struct source){ .all = f, .t.path = path };
	if (!open_reader(s, why, size))
		return false;
	if (s->t.head.kind && s->t.head.kind != CARDEA_DATA && !open_media(f, s, why, size))
		return false;
	if (!fetch(s)) {
		s->t.has_any |= s->t.head.kind == CARDEA_DATA && s->next_us != NEVER;
		return true;
	}
	snprintf(why, size, "%s cannot be read: %s", path, strerror(errno));
	return false;
}

struct frames *frames_open(const char *const *paths, unsigned n, const struct frames_ops *ops,
	void *arg, char *why, size_t size)
{
	struct frames *f = g_new0(struct frames, 1);
	f->ops = ops;
	f->arg = arg;
	f->timeline = timeline_new();
	for (unsigned i = 0; i < n; i++) {
		if (n > FRAMES_FILES)
			snprintf(why, size, "These are more than %d files", FRAMES_FILES);
		else if (f->timeline && open_source(f, &f->sources[f->n++], paths[i], why, size))
			continue;
		frames_close(f);
		return NULL;
	}
	return f;
}

void frames_close(struct frames *f)
{
	if (!f)
		return;
	for (unsigned i = 0; i < f->n; i++) {
		depack_free(f->sources[i].depack);
		reorder_free(f->sources[i].reorder);
		mjr_close(f->sources[i].reader);
		g_free(f->sources[i].head);
	}
	timeline_free(f->timeline);
	g_free(f);
}

/* ---- reading ---- */

static struct source *earliest(struct frames *f)
{
	struct source *first = &f->sources[0];
	for (unsigned i = 1; i < f->n; i++)
		if (f->sources[i].next_us < first->next_us)
			first = &f->sources[i];
	return first->next_us == NEVER ? NULL : first;
}

static void flush_all(struct frames *f)
{
	for (unsigned i = 0; i < f->n; i++) {
		struct source *s = &f->sources[i];
		if (!s->depack)
			continue;
		reorder_flush(s->reorder);
		depack_flush(s->depack);
		s->t.broken = depack_stats(s->depack)->broken + depack_stats(s->depack)->skipped;
	}
}

enum err frames_read(struct frames *f)
{
	struct source *s = earliest(f);
	if (!s) {
		flush_all(f);
		return ERR_NOT_FOUND;
	}
	for (unsigned i = 0; i < f->n; i++)
		if (f->sources[i].reorder)
			reorder_tick(f->sources[i].reorder, s->next_us);
	if (s->reorder)
		reorder_take(s->reorder, &s->packet);
	else
		on_message(s);
	return fetch(s);
}

unsigned frames_n(const struct frames *f)
{
	return f->n;
}

const struct frames_track *frames_track(struct frames *f, unsigned i)
{
	return &f->sources[i].t;
}

int64_t frames_began_us(const struct frames *f)
{
	int64_t began_us = 0;
	for (unsigned i = 0; i < f->n; i++) {
		int64_t us = f->sources[i].began_us;
		if (us && (!began_us || us < began_us))
			began_us = us;
	}
	return began_us;
}

double frames_progress(const struct frames *f)
{
	double done = 0;
	for (unsigned i = 0; i < f->n; i++)
		done += mjr_progress(f->sources[i].reader);
	return f->n ? done / f->n : 1;
}
