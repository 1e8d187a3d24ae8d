/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "room_index.h"

#define VERSION      1
#define PERIOD_MS    1000
#define PEOPLE_MAX   2000
#define FILES_MAX    2000
#define SPEAKERS_MAX 10000
/* Bytes for which a period passes: one that has grown large costs no more than one that has not. */
#define RATE (256 << 10)

struct room_index {
	unsigned n_refs, n_files;
	char *dir, *name;
	int64_t began_us;
	json_t *all, *people, *speakers;
	uint64_t timer;
	size_t rests; /* so many periods pass before it is written again */
	bool is_dirty, is_broken;
};

/* ---- writing ---- */

static void write_now(struct room_index *x)
{
	struct cardea_error e = { .reason = "there is no memory" };
	char *text = json_dumps(x->all, JSON_INDENT(2));
	size_t len = text ? strlen(text) : 0;
	bool is_broken = !text || !cardea_record_text(x->dir, x->name, text, len, &e);
	x->is_dirty = false;
	x->rests = len / RATE;
	free(text);
	if (is_broken && !x->is_broken)
		cardea_log(CARDEA_LOG_WARN, "videoroom", 0, "index not written", "file=%s why=%s",
			CARDEA_LOG_QUOTED(x->name), CARDEA_LOG_QUOTED(e.reason));
	x->is_broken = is_broken;
}

static void period_over(void *arg)
{
	struct room_index *x = arg;
	if (x->rests) {
		x->rests--;
		return;
	}
	if (x->is_dirty) {
		write_now(x);
		return;
	}
	cardea_timer_stop(x->timer);
	x->timer = 0;
}

static void changed(struct room_index *x)
{
	x->is_dirty = true;
	if (x->timer)
		return;
	write_now(x);
	x->timer = cardea_timer(PERIOD_MS, period_over, x);
}

static void set_incomplete(struct room_index *x)
{
	if (json_object_get(x->all, "incomplete"))
		return;
	json_object_set_new(x->all, "incomplete", json_true());
	changed(x);
}

static json_t *ms_since(const struct room_index *x, int64_t unix_us)
{
	return json_integer((unix_us - x->began_us) / 1000);
}

static json_t *ms_now(const struct room_index *x)
{
	return ms_since(x, g_get_real_time());
}

/* ---- life ---- */

struct room_index *room_index_new(
	const char *dir, const char *part, const json_t *room, const char *title)
{
	struct room_index *x = g_new0(struct room_index, 1);
	x->n_refs = 1;
	x->dir = g_strdup(dir);
	x->began_us = g_get_real_time();
	x->name = g_strdup_printf("room-%s-%" PRId64 ".json", part, x->began_us);
	x->people = json_array();
	x->speakers = json_array();
	x->all = json_pack("{s:i, s:O, s:o, s:I, s:O, s:O}", "version", VERSION, "room", room,
		"title", cardea_json_text(title), "began_us", (json_int_t)x->began_us,
		"participants", x->people, "speakers", x->speakers);
	changed(x);
	return x;
}

struct room_index *room_index_ref(struct room_index *x)
{
	if (x)
		x->n_refs++;
	return x;
}

void room_index_unref(struct room_index *x)
{
	if (!x || --x->n_refs)
		return;
	if (x->is_dirty)
		write_now(x);
	cardea_timer_stop(x->timer);
	json_decref(x->people);
	json_decref(x->speakers);
	json_decref(x->all);
	g_free(x->dir);
	g_free(x->name);
	g_free(x);
}

void room_index_end(struct room_index *x)
{
	json_object_set_new(x->all, "ended_ms", ms_now(x));
	changed(x);
}

/* ---- people ---- */

json_t *room_index_join(struct room_index *x, const json_t *id, const char *display, bool was_there)
{
	if (json_array_size(x->people) >= PEOPLE_MAX) {
		set_incomplete(x);
		return NULL;
	}
	json_t *entry = json_pack("{s:O}", "id", id);
	if (display)
		json_object_set_new(entry, "display", json_string(display));
	json_object_set_new(entry, "joined_ms", was_there ? json_integer(0) : ms_now(x));
	json_object_set_new(entry, "files", json_array());
	json_array_append(x->people, entry);
	changed(x);
	return entry;
}

void room_index_rename(struct room_index *x, json_t *entry, const char *display)
{
	json_object_set_new(entry, "display", json_string(display));
	changed(x);
}

void room_index_leave(struct room_index *x, json_t *entry)
{
	json_object_set_new(entry, "left_ms", ms_now(x));
	changed(x);
}

void room_index_speaks(struct room_index *x, const json_t *id, bool talks)
{
	if (json_array_size(x->speakers) >= SPEAKERS_MAX) {
		set_incomplete(x);
		return;
	}
	json_array_append_new(x->speakers,
		json_pack("{s:o, s:O, s:b}", "at_ms", ms_now(x), "id", id, "talks", talks));
	changed(x);
}

/* ---- files ---- */

static const char *format_of(const char *name)
{
	const char *dot = strrchr(name, '.');
	return dot ? dot + 1 : "";
}

static json_t *kinds_of(const struct room_index_file *f)
{
	json_t *kinds = json_array();
	if (f->kinds & 1u << CARDEA_AUDIO)
		json_array_append_new(kinds, json_string("audio"));
	if (f->kinds & 1u << CARDEA_VIDEO)
		json_array_append_new(kinds, json_string(f->is_screen ? "screen" : "camera"));
	if (f->kinds & 1u << CARDEA_DATA)
		json_array_append_new(kinds, json_string("data"));
	return kinds;
}

static json_t *find_file(const json_t *files, const char *name)
{
	size_t i;
	json_t *one;
	json_array_foreach(files, i, one)
		if (strcmp(json_string_value(json_object_get(one, "file")), name) == 0)
			return one;
	return NULL;
}

static json_t *add_file(
	struct room_index *x, json_t *files, const struct room_index_file *f, const char *name)
{
	json_t *one;
	if (x->n_files == FILES_MAX) {
		set_incomplete(x);
		return NULL;
	}
	x->n_files++;
	one = json_pack("{s:o, s:s, s:I, s:o}", "file", cardea_json_text(name), "format",
		format_of(name), "began_us", (json_int_t)f->began_us, "offset_ms",
		ms_since(x, f->began_us));
	json_array_append_new(files, one);
	return one;
}

void room_index_file(struct room_index *x, json_t *entry, const struct room_index_file *f)
{
	json_t *files = json_object_get(entry, "files"), *one;
	size_t n = strlen(x->dir);
	const char *name = strncmp(f->path, x->dir, n) ? f->path : f->path + n;
	name += strspn(name, "/");
	if (!(one = find_file(files, name)) && !(one = add_file(x, files, f, name)))
		return;
	json_object_set_new(one, "kinds", kinds_of(f));
	if (f->duration_us)
		json_object_set_new(one, "duration_ms", json_integer(f->duration_us / 1000));
	changed(x);
}
