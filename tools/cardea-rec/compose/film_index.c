/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include "../../../core/base/utf8.h"
#include "film_index.h"

#define NAME_SIZE 256

/* An index, while it is read, and where the reading stands: for the reason of a failure. */
struct reading {
	struct film_index *to;
	GHashTable *by_id; /* id → its last entry, + 1 */
	char *why;
	size_t size;
};

void film_index_init(struct film_index *x)
{
	*x = (struct film_index){ 0 };
}

void film_index_free(struct film_index *x)
{
	for (unsigned i = 0; i < x->n_people; i++) {
		g_free(x->people[i].id);
		g_free(x->people[i].name);
	}
	for (unsigned i = 0; i < x->n_files; i++)
		g_free(x->files[i].name);
	g_free(x->people);
	g_free(x->files);
	g_free(x->turns);
	g_free(x->title);
	film_index_init(x);
}

/* Room for one more: it doubles where a power of two is full. */
static void *grown(void *list, unsigned n, size_t size)
{
	return n & (n - 1) ? list : g_realloc_n(list, n ? 2 * (size_t)n : 1, size);
}

unsigned film_index_add_person(struct film_index *x, char *id, char *name)
{
	x->people = grown(x->people, x->n_people, sizeof *x->people);
	x->people[x->n_people] = (struct film_person){
		.id = id, .name = name, .from_us = FILM_NOT_TOLD, .until_us = FILM_NOT_TOLD
	};
	return x->n_people++;
}

struct film_file *film_index_add_file(struct film_index *x, const char *name, unsigned person)
{
	x->files = grown(x->files, x->n_files, sizeof *x->files);
	x->files[x->n_files] = (struct film_file){ .name = g_strdup(name), .person = person };
	return &x->files[x->n_files++];
}

static void add_turn(struct film_index *x, const struct film_turn *t)
{
	x->turns = grown(x->turns, x->n_turns, sizeof *x->turns);
	x->turns[x->n_turns++] = *t;
}

static bool fail(struct reading *r, const char *what, size_t i, const char *reason)
{
	snprintf(r->why, r->size, "%s[%zu] %s", what, i, reason);
	return false;
}

/* Milliseconds from the beginning. FILM_NOT_TOLD: there are none */
static bool read_ms(const json_t *o, const char *key, int64_t *us)
{
	const json_t *v = json_object_get(o, key);
	double ms = json_number_value(v);
	*us = FILM_NOT_TOLD;
	if (!v || json_is_null(v))
		return true;
	if (!json_is_number(v) || !(ms >= 0 && ms <= (double)FILM_MAX_US / 1000))
		return false;
	*us = (int64_t)(ms * 1000);
	return true;
}

/* Names are shown: what steers a terminal or a line stands there as it is written in escapes. */
static char *read_text(const json_t *v)
{
	char text[NAME_SIZE];
	if (!json_is_string(v) || !*json_string_value(v))
		return NULL;
	utf8_printable(text, sizeof text, json_string_value(v));
	return g_strdup(text);
}

/* A number or a text. */
static char *read_id(const json_t *v)
{
	if (json_is_integer(v))
		return g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(v));
	return read_text(v);
}

static bool is_within(const char *path)
{
	g_auto(GStrv) parts = g_strsplit(path, "/", -1);
	if (!*path || *path == '/' || strlen(path) > 4000)
		return false;
	for (char **p = parts; *p; p++)
		if (strcmp(*p, "..") == 0)
			return false;
	return true;
}

static bool has_kind(const json_t *kinds, const char *kind)
{
	size_t i;
	json_t *k;
	json_array_foreach(kinds, i, k)
		if (json_is_string(k) && strcmp(json_string_value(k), kind) == 0)
			return true;
	return false;
}

static bool read_file(struct reading *r, const json_t *o, unsigned person, size_t i)
{
	const json_t *kinds = json_object_get(o, "kinds");
	const char *name = json_string_value(json_object_get(o, "file"));
	const char *format = json_string_value(json_object_get(o, "format"));
	bool is_screen = has_kind(kinds, "screen");
	struct film_file *f;
	int64_t at_us;
	if (!name)
		return fail(r, "files", i, "has no file");
	if (!is_within(name))
		return fail(r, "files", i, "has a file that is not in the folder of the index");
	if (!read_ms(o, "offset_ms", &at_us) || at_us < 0)
		return fail(r, "files", i, "has no offset_ms from 0 to 7 days");
	if (!is_screen && !has_kind(kinds, "camera") && !has_kind(kinds, "audio"))
		return true; /* messages */
	if (r->to->n_files == FILM_MAX_FILES)
		return fail(r, "files", i, "is one too many");
	f = film_index_add_file(r->to, name, person);
	f->is_screen = is_screen;
	f->is_mjr = format && strcmp(format, "mjr") == 0;
	f->at_us = at_us;
	return true;
}

static bool read_person(struct reading *r, const json_t *o, size_t i)
{
	char *id = read_id(json_object_get(o, "id"));
	char *name = read_text(json_object_get(o, "display"));
	unsigned at;
	size_t k;
	json_t *f, *files = json_object_get(o, "files");
	if (!id || r->to->n_people == FILM_MAX_PEOPLE) {
		g_free(id);
		g_free(name);
		return fail(r, "participants", i, id ? "is one too many" : "has no id");
	}
	at = film_index_add_person(r->to, id, name ? name : g_strdup(id));
	g_hash_table_insert(r->by_id, id, GUINT_TO_POINTER(at + 1));
	if (!read_ms(o, "joined_ms", &r->to->people[at].from_us) ||
		!read_ms(o, "left_ms", &r->to->people[at].until_us))
		return fail(r, "participants", i, "came or left at no time from 0 to 7 days");
	json_array_foreach(files, k, f)
		if (!read_file(r, f, at, k))
			return false;
	return true;
}

/* Who comes again has another entry: whoever is meant was there at the time. */
static unsigned person_at(const struct reading *r, const char *id, int64_t us)
{
	unsigned last = GPOINTER_TO_UINT(g_hash_table_lookup(r->by_id, id)), i = last;
	for (; i && r->to->people[i - 1].from_us > us; i--)
		;
	for (; i && strcmp(r->to->people[i - 1].id, id) != 0; i--)
		;
	return i ? i : last;
}

static bool read_turn(struct reading *r, const json_t *o, size_t i)
{
	g_autofree char *id = read_id(json_object_get(o, "id"));
	struct film_turn t = { .talks = json_is_true(json_object_get(o, "talks")) };
	unsigned at;
	if (!read_ms(o, "at_ms", &t.at_us) || t.at_us < 0)
		return fail(r, "speakers", i, "has no at_ms from 0 to 7 days");
	if (r->to->n_turns && t.at_us < r->to->turns[r->to->n_turns - 1].at_us)
		return fail(r, "speakers", i, "is earlier than the one before");
	if (r->to->n_turns == FILM_MAX_TURNS)
		return fail(r, "speakers", i, "is one too many");
	if (!id || !(at = person_at(r, id, t.at_us)))
		return true; /* somebody who was not recorded */
	t.person = at - 1;
	add_turn(r->to, &t);
	return true;
}

static bool read_all(struct reading *r, const json_t *o)
{
	size_t i;
	json_t *v, *people = json_object_get(o, "participants");
	const json_t *version = json_object_get(o, "version");
	if (!json_is_integer(version) || !json_is_array(people)) {
		snprintf(r->why, r->size, "it is no index of a recording");
		return false;
	}
	if (json_integer_value(version) != 1) {
		snprintf(r->why, r->size, "it is of version %" JSON_INTEGER_FORMAT ", not 1",
			json_integer_value(version));
		return false;
	}
	r->to->title = read_text(json_object_get(o, "title"));
	r->to->began_us = json_integer_value(json_object_get(o, "began_us"));
	r->to->is_incomplete = json_is_true(json_object_get(o, "incomplete"));
	json_array_foreach(people, i, v)
		if (!read_person(r, v, i))
			return false;
	json_array_foreach(json_object_get(o, "speakers"), i, v)
		if (!read_turn(r, v, i))
			return false;
	return true;
}

bool film_index_read(struct film_index *x, const char *text, size_t len, char *why, size_t size)
{
	struct reading r = { .to = x, .why = why, .size = size };
	json_error_t error;
	json_t *o = len <= FILM_MAX_BYTES ? json_loadb(text, len, 0, &error) : NULL;
	bool good;
	film_index_init(x);
	if (!o) {
		if (len > FILM_MAX_BYTES)
			snprintf(why, size, "it is longer than 64 MiB");
		else
			snprintf(why, size, "it is not JSON: %s, line %d", error.text, error.line);
		return false;
	}
	r.by_id = g_hash_table_new(g_str_hash, g_str_equal);
	good = read_all(&r, o);
	g_hash_table_destroy(r.by_id);
	json_decref(o);
	if (!good)
		film_index_free(x);
	return good;
}
