/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* strcasestr() */
#endif
#include <string.h>
#include "errors.h"
#include "record.h"
#include "record_place.h"
#include "record_tell.h"
#include "room_index.h"

/* One recording of the core's. It outlives its publisher until its files are whole. */
struct take {
	uint64_t id;
	struct publisher *p; /* NULL: it was ended */
	struct room_index *index;
	json_t *who; /* in the index; NULL: it has none */
	int audio, video, data;
	bool is_screen;
};

struct recording {
	char *dir, *base;
	struct take *first;                   /* sound and camera; NULL: none of these yet */
	struct take *apart[CARDEA_MEDIA_MAX]; /* by m-line */
	unsigned n_begun[CARDEA_MEDIA_MAX];   /* how often one was */
};

static GSList *all; /* struct take */

/* ---- which m-lines ---- */

static bool is_screen(const struct stream *s)
{
	return s->kind == CARDEA_VIDEO &&
	       ((s->description && strcasestr(s->description, "screen")) ||
		       (s->track_id && strcasestr(s->track_id, "screen")));
}

static bool is_there(const struct publisher *p, int i, enum cardea_kind kind)
{
	return i >= 0 && (unsigned)i < p->n_streams && !p->streams[i].disabled &&
	       p->streams[i].kind == kind;
}

/* The m-line of a kind for the first file: the one that is there already, or else the first that is
 * not recorded apart. */
static int first_line(const struct publisher *p, int before, enum cardea_kind kind)
{
	if (is_there(p, before, kind))
		return before;
	for (unsigned i = 0; i < p->n_streams; i++)
		if (is_there(p, (int)i, kind) && !p->recording->apart[i] &&
			!is_screen(&p->streams[i]))
			return (int)i;
	return -1;
}

/* ---- what becomes of them ---- */

static void take_free(struct take *t)
{
	all = g_slist_remove(all, t);
	room_index_unref(t->index);
	json_decref(t->who);
	g_free(t);
}

static void list_file(const struct take *t, const struct cardea_record_event *e)
{
	const struct room_index_file f = { .path = e->path,
		.began_us = e->began_us,
		.duration_us = e->type == CARDEA_RECORD_FILE ? e->duration_us : 0,
		.kinds = e->kinds,
		.is_screen = t->is_screen };
	if (t->who)
		room_index_file(t->index, t->who, &f);
}

/* It has ended by itself, a limit was reached, say: so does all of the participant. */
static void broke(const struct take *t, const char *reason)
{
	struct publisher *p = t->p;
	if (!p)
		return;
	record_stop(p);
	p->record = false;
	record_tell_broken(p, reason);
}

static void told(const struct cardea_record_event *e)
{
	struct take *t = e->arg;
	switch (e->type) {
	case CARDEA_RECORD_STARTED:
	case CARDEA_RECORD_FILE:
		list_file(t, e);
		break;
	case CARDEA_RECORD_LIMITED:
	case CARDEA_RECORD_FAILED:
		broke(t, e->reason);
		break;
	case CARDEA_RECORD_STOPPED:
		take_free(t);
		break;
	default:
		break;
	}
}

/* ---- one take ---- */

static struct cardea_record what_of(const struct publisher *p, const char *dir, const char *name)
{
	return (struct cardea_record){ .size = sizeof(struct cardea_record),
		.dir = dir,
		.name = name,
		.title = p->display ? p->display : p->room->description,
		.format = cardea_record_format(p->room->recording_format),
		.audio = -1,
		.video = -1,
		.data = -1,
		.is_numbered = true };
}

static const char *text_of(const struct publisher *p, int i)
{
	return i < 0 ? NULL : p->streams[i].description;
}

static void describe_lines(struct cardea_record *what, const struct publisher *p)
{
	what->audio_text = text_of(p, what->audio);
	what->video_text = text_of(p, what->video);
	what->data_text = text_of(p, what->data);
}

static struct take *begin(struct publisher *p, struct cardea_record what, struct cardea_error *e)
{
	struct take *t = g_new0(struct take, 1);
	*t = (struct take){ .p = p, .audio = what.audio, .video = what.video, .data = what.data };
	describe_lines(&what, p);
	what.fn = told;
	what.arg = t;
	if (!(t->id = cardea_record_start(p->handle, &what, e))) {
		e->code = E_UNKNOWN;
		g_free(t);
		return NULL;
	}
	t->is_screen = t->video >= 0 && is_screen(&p->streams[t->video]);
	if (p->index_entry) {
		t->index = room_index_ref(p->room->index);
		t->who = json_incref(p->index_entry);
	}
	all = g_slist_prepend(all, t);
	return t;
}

static void end(struct take **t)
{
	if (!*t)
		return;
	(*t)->p = NULL;
	cardea_record_stop((*t)->id);
	*t = NULL;
}

/* ---- all of a publisher ---- */

static bool update_first(struct publisher *p, struct cardea_error *e)
{
	struct recording *r = p->recording;
	struct take *t = r->first;
	struct cardea_record what = what_of(p, r->dir, r->base);
	what.audio = first_line(p, t ? t->audio : -1, CARDEA_AUDIO);
	what.video = first_line(p, t ? t->video : -1, CARDEA_VIDEO);
	what.data = publisher_data_line(p);
	if (!t && what.audio < 0 && what.video < 0 && what.data < 0)
		return true;
	if (!t)
		return (r->first = begin(p, what, e)) != NULL;
	if (t->audio == what.audio && t->video == what.video && t->data == what.data)
		return true;
	t->audio = what.audio;
	t->video = what.video;
	t->data = what.data;
	cardea_record_describe(t->id, text_of(p, what.audio), text_of(p, what.video));
	cardea_record_tracks(t->id, what.audio, what.video, what.data);
	return true;
}

static bool is_apart(const struct publisher *p, unsigned i)
{
	const struct take *first = p->recording->first;
	const struct stream *s = &p->streams[i];
	return !s->disabled && (s->kind == CARDEA_AUDIO || s->kind == CARDEA_VIDEO) &&
	       (!first || ((int)i != first->audio && (int)i != first->video));
}

/* A screen that is shared again has a file of its own: BASE-2-video-3.webm */
static bool begin_apart(struct publisher *p, unsigned i, struct cardea_error *e)
{
	struct recording *r = p->recording;
	g_autofree char *again =
		++r->n_begun[i] > 1 ? g_strdup_printf("%s-%u", r->base, r->n_begun[i]) : NULL;
	struct cardea_record what = what_of(p, r->dir, again ? again : r->base);
	what.is_apart = true;
	if (p->streams[i].kind == CARDEA_AUDIO)
		what.audio = (int)i;
	else
		what.video = (int)i;
	return (r->apart[i] = begin(p, what, e)) != NULL;
}

static bool update_apart(struct publisher *p, struct cardea_error *e)
{
	for (unsigned i = 0; i < CARDEA_MEDIA_MAX; i++) {
		bool wanted = i < p->n_streams && is_apart(p, i);
		if (!wanted)
			end(&p->recording->apart[i]);
		else if (!p->recording->apart[i] && !begin_apart(p, i, e))
			return false;
	}
	return true;
}

static void open_recording(struct publisher *p)
{
	struct recording *r = p->recording = g_new0(struct recording, 1);
	r->dir = record_place(p->room);
	r->base = p->filename ? g_steal_pointer(&p->filename) : record_name(p);
}

bool record_check(const struct publisher *p, const char *name, struct cardea_error *e)
{
	g_autofree char *dir = record_place(p->room);
	g_autofree char *made_up = name ? NULL : record_name(p);
	struct cardea_record what = what_of(p, dir, name ? name : made_up);
	what.audio = 0;
	what.video = 1;
	if (cardea_record_check(&what, e))
		return true;
	e->code = E_UNKNOWN;
	return false;
}

bool record_start(struct publisher *p, struct cardea_error *e)
{
	if (p->recording)
		return true;
	open_recording(p);
	if (update_first(p, e) && update_apart(p, e))
		return true;
	record_stop(p);
	return false;
}

void record_stop(struct publisher *p)
{
	struct recording *r = p->recording;
	if (!r)
		return;
	end(&r->first);
	for (unsigned i = 0; i < CARDEA_MEDIA_MAX; i++)
		end(&r->apart[i]);
	g_free(r->dir);
	g_free(r->base);
	g_free(r);
	p->recording = NULL;
}

void record_lines_changed(struct publisher *p)
{
	struct cardea_error e;
	if (!p->recording || (update_first(p, &e) && update_apart(p, &e)))
		return;
	record_stop(p);
	p->record = false;
	record_tell_broken(p, e.reason);
}

void record_forget_all(void)
{
	while (all)
		take_free(all->data);
}
