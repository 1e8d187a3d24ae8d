/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "errors.h"
#include "library.h"
#include "ongoing.h"

struct ongoing {
	struct entry e;
	struct session *session; /* NULL: its handle is done with it */
	void (*whole)(struct session *s);
	struct session *waits; /* NULL: nobody */
	uint64_t recording, keyframe_timer;
	unsigned kinds; /* 1 << enum cardea_kind: what has come, of files that are whole */
};
static GSList *all;

bool ongoing_has(uint64_t id)
{
	for (const GSList *l = all; l; l = l->next)
		if (((const struct ongoing *)l->data)->e.id == id)
			return true;
	return false;
}

/* ---- what it is to be ---- */

/* One of spaces alone would not be read again. */
static bool has_text(const char *name)
{
	for (; *name; name++)
		if ((unsigned char)*name > ' ')
			return true;
	return false;
}

static void now_as_date(char out[32])
{
	time_t now = time(NULL);
	struct tm tm;
	strftime(out, 32, "%Y-%m-%d %H:%M:%S", localtime_r(&now, &tm));
}

bool ongoing_plan(const struct cardea_args *args, bool is_private, struct entry *out,
	char base[ENTRY_NAME + 1], struct cardea_error *e)
{
	const char *name = cardea_str(args, "name"), *file = cardea_str(args, "filename"),
		   *secret = cardea_str(args, "secret");
	uint64_t id = (uint64_t)cardea_int(args, "id");
	*out = (struct entry){ .is_private = cardea_given(args, "is_private")
						     ? cardea_bool(args, "is_private")
						     : is_private };
	if (!has_text(name))
		return cardea_fail(e, E_INVALID, "Invalid value (name should not be empty)");
	if (id && (library_find(id) || ongoing_has(id)))
		return cardea_fail(
			e, E_EXISTS, "Recording %llu already exists", (unsigned long long)id);
	if (secret && *secret && !entry_keeps(secret))
		return cardea_fail(e, E_INVALID,
			"Invalid value (secret should have no control characters, and no spaces at "
			"its ends)");
	if (file && !entry_is_path(file))
		return cardea_fail(e, E_INVALID,
			"Invalid value (filename should be a path in the folder of recordings)");
	out->id = id ? id : library_new_id();
	g_strlcpy(out->name, name, sizeof out->name);
	g_strlcpy(out->secret, secret ? secret : "", sizeof out->secret);
	now_as_date(out->date);
	if (file)
		g_strlcpy(base, file, ENTRY_NAME + 1);
	else
		snprintf(base, ENTRY_NAME + 1, "rec-%llu", (unsigned long long)out->id);
	return true;
}

/* ---- what becomes of it ---- */

/* @return its path in the folder */
static const char *inside(const char *path)
{
	size_t n = strlen(library_folder());
	const char *at = strncmp(path, library_folder(), n) ? path : path + n;
	return at + strspn(at, "/");
}

static bool add(char (*files)[ENTRY_NAME + 1], unsigned *n, unsigned max, const char *file)
{
	for (unsigned i = 0; i < *n; i++)
		if (!strcmp(files[i], file))
			return false;
	if (*n == max)
		return false;
	g_strlcpy(files[(*n)++], file, sizeof *files);
	return true;
}

/* @return it is one that was not known */
static bool has_file(struct entry *e, const struct cardea_record_event *event)
{
	static const struct {
		const char *ending;
		size_t at;
	} tracks[] = {
		{ "-audio.mjr", offsetof(struct entry, audio) },
		{ "-video.mjr", offsetof(struct entry, video) },
		{ "-data.mjr", offsetof(struct entry, data) },
	};
	const char *file = inside(event->path);
	for (size_t i = 0; i < G_N_ELEMENTS(tracks); i++)
		if (g_str_has_suffix(file, tracks[i].ending)) {
			char *known = (char *)e + tracks[i].at;
			bool is_new = !*known;
			g_strlcpy(known, file, ENTRY_NAME + 1);
			return is_new;
		}
	return g_str_has_suffix(file, ".vtt") || g_str_has_suffix(file, ".jsonl")
		       ? add(e->messages, &e->n_messages, ENTRY_MESSAGES, file)
		       : add(e->media, &e->n_media, ENTRY_FILES, file);
}

/* Messages alone are no recording. */
static bool has_media(const struct entry *e)
{
	return e->n_media || *e->audio || *e->video;
}

/* What was agreed on, and did not come, is not in it. */
static void keep_what_came(struct entry *e, unsigned kinds)
{
	e->is_audio = kinds & 1u << CARDEA_AUDIO;
	e->is_video = kinds & 1u << CARDEA_VIDEO;
	e->is_data = kinds & 1u << CARDEA_DATA;
	if (!e->is_audio) {
		e->audio_codec[0] = '\0';
		e->has_red = false;
	}
	if (!e->is_video)
		e->video_codec[0] = '\0';
}

static void over(struct ongoing *o, const struct cardea_record_event *event)
{
	o->e.duration_ms = event->duration_us / 1000;
	o->e.bytes = event->bytes;
	all = g_slist_remove(all, o);
	cardea_timer_stop(o->keyframe_timer);
	if (o->session)
		o->session->ongoing = NULL;
	keep_what_came(&o->e, o->kinds);
	if (has_media(&o->e))
		library_add(&o->e);
	if (o->waits)
		o->whole(o->waits);
	g_free(o);
}

/* It has ended by itself: its client hears of that as of any end. */
static void broke(struct ongoing *o, const char *reason)
{
	if (!o->session)
		return;
	cardea_event(o->session->handle, NULL,
		json_pack("{s:s, s:i, s:o}", "recordplay", "event", "error_code", E_BROKEN, "error",
			library_reason(reason)),
		NULL);
	cardea_close(o->session->handle);
}

static void told(const struct cardea_record_event *event)
{
	struct ongoing *o = event->arg;
	switch (event->type) {
	case CARDEA_RECORD_FILE:
		o->kinds |= event->kinds;
		/* fallthrough */
	case CARDEA_RECORD_STARTED:
		if (has_file(&o->e, event) && has_media(&o->e))
			library_begin(&o->e);
		break;
	case CARDEA_RECORD_LIMITED:
	case CARDEA_RECORD_FAILED:
		broke(o, event->reason);
		break;
	case CARDEA_RECORD_STOPPED:
		over(o, event);
		break;
	default:
		break;
	}
}

/* ---- what its handle does ---- */

static void ask_keyframe(void *arg)
{
	const struct ongoing *o = arg;
	if (o->session && o->session->lines.video >= 0)
		cardea_keyframe((struct cardea_track){
			o->session->handle, (unsigned)o->session->lines.video });
}

bool ongoing_check(const char *base, struct cardea_error *e)
{
	struct cardea_record what = { .size = sizeof what,
		.dir = library_folder(),
		.name = base,
		.audio = 0,
		.video = 1,
		.data = 2 };
	if (cardea_record_check(&what, e))
		return true;
	e->code = E_BROKEN;
	return false;
}

void ongoing_keyframes_changed(struct session *s)
{
	struct ongoing *o = s->ongoing;
	if (!o)
		return;
	cardea_timer_stop(o->keyframe_timer);
	o->keyframe_timer = s->keyframe_ms ? cardea_timer(s->keyframe_ms, ask_keyframe, o) : 0;
}

bool ongoing_start(
	struct session *s, const struct entry *plan, const char *base, struct cardea_error *e)
{
	struct ongoing *o = g_new0(struct ongoing, 1);
	o->e = *plan;
	o->session = s;
	o->recording = cardea_record_start(s->handle,
		&(struct cardea_record){ .size = sizeof(struct cardea_record),
			.dir = library_folder(),
			.name = base,
			.title = plan->name,
			.audio = s->lines.audio,
			.video = s->lines.video,
			.data = s->lines.data,
			.fn = told,
			.arg = o },
		e);
	if (!o->recording) {
		g_free(o);
		e->code = e->code ? e->code : E_BROKEN;
		return false;
	}
	all = g_slist_prepend(all, o);
	s->ongoing = o;
	ongoing_keyframes_changed(s);
	return true;
}

void ongoing_lines_changed(struct session *s, const struct entry *agreed)
{
	struct ongoing *o = s->ongoing;
	if (!o)
		return;
	if (agreed->is_audio) {
		g_strlcpy(o->e.audio_codec, agreed->audio_codec, sizeof o->e.audio_codec);
		o->e.has_red = agreed->has_red;
	}
	if (agreed->is_video)
		g_strlcpy(o->e.video_codec, agreed->video_codec, sizeof o->e.video_codec);
	cardea_record_tracks(o->recording, s->lines.audio, s->lines.video, s->lines.data);
}

void ongoing_pause(struct session *s, bool on)
{
	if (s->ongoing && on)
		cardea_record_pause(s->ongoing->recording);
	else if (s->ongoing)
		cardea_record_resume(s->ongoing->recording);
}

bool ongoing_end(struct session *s, void (*whole)(struct session *s))
{
	struct ongoing *o = s->ongoing;
	if (!o)
		return false;
	s->ongoing = NULL;
	o->session = NULL;
	o->whole = whole;
	o->waits = whole ? s : NULL;
	cardea_timer_stop(o->keyframe_timer);
	o->keyframe_timer = 0;
	cardea_record_stop(o->recording);
	return whole;
}

void ongoing_forget(const struct session *s)
{
	for (const GSList *l = all; l; l = l->next) {
		struct ongoing *o = l->data;
		if (o->waits == s)
			o->waits = NULL;
	}
}

uint64_t ongoing_id(const struct session *s)
{
	return s->ongoing ? s->ongoing->e.id : 0;
}

bool ongoing_is_private(const struct session *s)
{
	return s->ongoing && s->ongoing->e.is_private;
}
