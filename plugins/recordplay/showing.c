/* SPDX-License-Identifier: Apache-2.0 */
#include "showing.h"
#include <glib.h>
#include <stdio.h>
#include "library.h"

static struct showing *all;

static void discard(struct showing *s)
{
	struct showing **at = &all;
	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	cardea_play_close(s->play);
	g_free(s->left_out);
	g_free(s);
}

/* ---- files ---- */

/* MJR files are played beside each other. @return how many */
static unsigned files_of(const struct showing *s, const char *files[PLAY_LINES])
{
	const char *const mjr[] = { s->e.audio, s->e.video, s->e.data };
	unsigned n = 0;
	if (s->e.n_media) {
		files[0] = s->e.media[s->file];
		return 1;
	}
	for (unsigned i = 0; i < G_N_ELEMENTS(mjr); i++)
		if (*mjr[i])
			files[n++] = mjr[i];
	return n;
}

static void told(const struct cardea_play_event *e);

static bool open_next(struct showing *s, struct cardea_error *e)
{
	const char *files[PLAY_LINES];
	struct cardea_play what = { .size = sizeof what,
		.dir = library_folder(),
		.files = files,
		.n_files = files_of(s, files),
		.fn = told,
		.arg = s,
		.whose = s->whose };
	char part[ENTRY_NAME + 8];
	s->play = cardea_play_open(&what, e);
	if (s->play || !s->e.n_media)
		return s->play;
	/* one that is being finished plays already */
	snprintf(part, sizeof part, "%s.part", files[0]);
	files[0] = part;
	struct cardea_error second;
	s->play = cardea_play_open(&what, &second);
	return s->play;
}

/* ---- what is told ---- */

/* It is gone after that, if all of them leave. */
static void tell(struct showing *s, const struct cardea_play_event *e)
{
	for (struct viewer *v = s->first, *next; v; v = next) {
		next = v->next;
		v->fn(v, e);
	}
}

static void ready(struct showing *s, const struct cardea_play_event *e)
{
	s->is_ready = true;
	s->duration_us = e->us;
	g_free(s->left_out);
	s->left_out = g_strdup(e->reason);
	play_lines_of(&s->lines, e->tracks, e->n_tracks);
	tell(s, e);
}

static void over(struct showing *s, const struct cardea_play_event *e)
{
	s->is_over = true;
	tell(s, e);
}

static void ended(struct showing *s, const struct cardea_play_event *e)
{
	struct cardea_error why;
	cardea_play_close(s->play);
	s->play = 0;
	s->is_ready = s->is_begun = false;
	s->file++;
	if (s->file >= s->e.n_media)
		over(s, e);
	else if (!open_next(s, &why))
		over(s, &(struct cardea_play_event){ .size = sizeof *e,
				.type = CARDEA_PLAY_FAILED,
				.reason = why.reason });
}

static void told(const struct cardea_play_event *e)
{
	struct showing *s = e->arg;
	switch (e->type) {
	case CARDEA_PLAY_READY:
		ready(s, e);
		break;
	case CARDEA_PLAY_END:
		ended(s, e);
		break;
	case CARDEA_PLAY_FAILED:
		over(s, e);
		break;
	case CARDEA_PLAY_POSITION:
	case CARDEA_PLAY_LANDED:
	case CARDEA_PLAY_DATA:
		tell(s, e);
		break;
	}
}

/* ---- viewers ---- */

static struct showing *find_shared(uint64_t id)
{
	struct showing *s = all;
	while (s && (!s->is_shared || s->is_over || s->e.id != id))
		s = s->next;
	return s;
}

static struct showing *begin(
	const struct entry *e, bool is_shared, uint64_t whose, struct cardea_error *error)
{
	struct showing *s = g_new0(struct showing, 1);
	s->e = *e;
	s->is_shared = is_shared;
	s->whose = whose;
	s->next = all;
	all = s;
	if (open_next(s, error))
		return s;
	discard(s);
	return NULL;
}

bool showing_watch(struct viewer *v, const struct entry *e, bool is_shared, uint64_t whose,
	struct cardea_error *error)
{
	struct showing *s = is_shared ? find_shared(e->id) : NULL;
	struct viewer **at;
	if (!s && !(s = begin(e, is_shared, whose, error)))
		return false;
	for (at = &s->first; *at;)
		at = &(*at)->next;
	*at = v;
	v->next = NULL;
	v->showing = s;
	return true;
}

void showing_leave(struct viewer *v)
{
	struct showing *s = v->showing;
	struct viewer **at;
	if (!s)
		return;
	v->showing = NULL;
	for (at = &s->first; *at != v;)
		at = &(*at)->next;
	*at = v->next;
	if (!s->first)
		discard(s);
}

void showing_carry(const struct viewer *v, struct cardea_handle *to)
{
	const struct cardea_want want = { .size = sizeof want };
	struct showing *s = v->showing;
	for (unsigned i = 0; i < s->lines.n; i++)
		if (s->lines.of[i].kind != CARDEA_DATA)
			cardea_play_route(s->play, i, (struct cardea_track){ to, i }, &want);
	if (!s->is_begun)
		cardea_play_start(s->play);
	s->is_begun = true;
}
