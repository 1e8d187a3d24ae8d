/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "conf_check.h"
#include "schema.h"

#define MAX_NAME 64 /* of names that are compared for likeness */

/* Where a value stands and what it is called, for the words of a finding. */
struct conf_spot {
	struct cardea_conf *file;
	const char *where, *section, *option;
};

/* ---- the nearest known name ---- */

/* Levenshtein distance; the case of letters is worth nothing. Longer names are compared by their
 * beginning. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[MAX_NAME + 1], la = (unsigned)strnlen(a, MAX_NAME),
				    lb = (unsigned)strnlen(b, MAX_NAME);
	for (unsigned j = 0; j <= lb; j++)
		row[j] = j;
	for (unsigned i = 1; i <= la; i++) {
		unsigned corner = row[0];
		row[0] = i;
		for (unsigned j = 1; j <= lb; j++) {
			unsigned best = corner + (tolower((unsigned char)a[i - 1]) !=
							 tolower((unsigned char)b[j - 1]));
			corner = row[j];
			if (corner + 1 < best)
				best = corner + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[lb];
}

static void prefer(const char **best, unsigned *best_d, const char *name, const char *candidate)
{
	unsigned d = distance(name, candidate);
	if (*best && d >= *best_d)
		return;
	*best = candidate;
	*best_d = d;
}

/* A name that has little in common with another was not meant for it. */
static const char *if_near(const char *best, unsigned d, const char *name)
{
	size_t longer = best && strlen(best) > strlen(name) ? strlen(best) : strlen(name);
	return 2 * d <= longer + 1 ? best : NULL;
}

static const char *nearest_field(const struct cardea_field *fields, const char *name)
{
	const char *best = NULL;
	unsigned d = 0;
	for (; fields && fields->name; fields++)
		prefer(&best, &d, name, fields->name);
	return if_near(best, d, name);
}

static const char *nearest_section(const struct cardea_section *sections, const char *name)
{
	const char *best = NULL;
	unsigned d = 0;
	for (; sections && sections->name; sections++)
		prefer(&best, &d, name, sections->name);
	return if_near(best, d, name);
}

bool conf_is_true(const json_t *v)
{
	const char *s = json_string_value(v);
	if (json_is_integer(v))
		return json_integer_value(v) == 1;
	return s ? !strcasecmp(s, "true") || !strcasecmp(s, "yes") || !strcmp(s, "1")
		 : json_is_true(v);
}

/* ---- conversions: each gives a new reference, or NULL when the value is not of the type ---- */

static json_t *to_bool(const json_t *v)
{
	return json_is_boolean(v) || json_is_integer(v) || json_is_string(v)
		       ? json_boolean(conf_is_true(v))
		       : NULL;
}

/* @param v taken; @return it, or NULL when it is out of the field's bounds */
static json_t *if_it_fits(const struct cardea_field *f, json_t *v)
{
	if (v && schema_fits(f, v))
		return v;
	json_decref(v);
	return NULL;
}

static json_t *to_integer(const struct cardea_field *f, const json_t *v)
{
	const char *s = json_string_value(v);
	int64_t n = json_integer_value(v);
	if (s) {
		char *end;
		errno = 0;
		n = strtoll(s, &end, 10);
		if (errno || end == s || *end)
			return NULL;
	} else if (!json_is_integer(v)) {
		return NULL;
	}
	return if_it_fits(f, json_integer(n));
}

/* One of the words in any case becomes that word. */
static json_t *to_word(const char *words, const char *s)
{
	size_t len = strlen(s);
	for (;; words++) {
		size_t n = strcspn(words, "|");
		if (n == len && !strncasecmp(words, s, n))
			return json_stringn(words, n);
		words += n;
		if (!*words)
			return NULL;
	}
}

static json_t *to_string(const struct cardea_field *f, const json_t *v)
{
	const char *s = json_string_value(v);
	char text[32];
	if (json_is_integer(v))
		snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	else if (json_is_real(v))
		snprintf(text, sizeof text, "%g", json_real_value(v));
	else if (json_is_boolean(v))
		snprintf(text, sizeof text, "%s", json_is_true(v) ? "true" : "false");
	else if (!s)
		return NULL;
	s = s ? s : text;
	return f->one_of ? to_word(f->one_of, s) : if_it_fits(f, json_string(s));
}

static void check_fields(
	const struct conf_spot *at, json_t *obj, const struct cardea_field *fields);

static json_t *to_array(const struct conf_spot *at, const struct cardea_field *f, json_t *v)
{
	const struct cardea_field text = { .type = CARDEA_STR, .max = f->max };
	json_t *out, *item;
	size_t i;
	if (f->type == CARDEA_ARR && !f->of)
		return json_is_array(v) ? json_incref(v) : NULL;
	if (f->type == CARDEA_STRS && (item = to_string(&text, v)))
		return json_pack("[o]", item); /* one string is a list of one */
	if (!json_is_array(v))
		return NULL;
	out = json_array();
	json_array_foreach(v, i, item) {
		json_t *good = NULL;
		if (f->type == CARDEA_STRS)
			good = to_string(&text, item);
		else if (json_is_object(item))
			good = json_incref(item);
		if (!good) {
			json_decref(out);
			return NULL;
		}
		if (f->type == CARDEA_ARR)
			check_fields(at, good, f->of);
		json_array_append_new(out, good);
	}
	return out;
}

static json_t *convert(const struct conf_spot *at, const struct cardea_field *f, json_t *v)
{
	json_t *out;
	switch (f->type) {
	case CARDEA_BOOL:
		return to_bool(v);
	case CARDEA_INT:
	case CARDEA_UINT:
		return to_integer(f, v);
	case CARDEA_STR:
		return to_string(f, v);
	case CARDEA_OBJ:
		if (!json_is_object(v))
			return NULL;
		check_fields(at, v, f->of);
		return json_incref(v);
	case CARDEA_ARR:
	case CARDEA_STRS:
		out = to_array(at, f, v);
		if (out && f->nonempty && !json_array_size(out)) {
			json_decref(out);
			return NULL;
		}
		return out;
	case CARDEA_ID: /* whether ids are strings may be an option of the same file */
		return json_is_string(v) ? if_it_fits(f, json_incref(v)) : to_integer(f, v);
	case CARDEA_ANY:
		return json_incref(v);
	}
	return NULL;
}

/* ---- the walk ---- */

/* What the field should be, in words. */
static void describe(const struct cardea_field *f, char *out, size_t cap)
{
	static const char *const words[] = {
		[CARDEA_BOOL] = "a boolean",
		[CARDEA_INT] = "an integer",
		[CARDEA_UINT] = "a whole number",
		[CARDEA_STR] = "a string",
		[CARDEA_OBJ] = "a group { … }",
		[CARDEA_ARR] = "a list ( … )",
		[CARDEA_STRS] = "an array of strings",
		[CARDEA_ID] = "an id",
		[CARDEA_ANY] = "anything",
	};
	bool number = f->type == CARDEA_INT || f->type == CARDEA_UINT;
	bool text = f->type == CARDEA_STR || f->type == CARDEA_STRS;
	if (f->one_of)
		snprintf(out, cap, "one of %s", f->one_of);
	else if (number && f->max)
		snprintf(out, cap, "%s (%" PRId64 " to %" PRId64 ")", words[f->type], f->min,
			f->max);
	else if (number && f->min)
		snprintf(out, cap, "%s (%" PRId64 " or more)", words[f->type], f->min);
	else if (text && f->max)
		snprintf(out, cap, "%s of at most %" PRId64 " bytes", words[f->type], f->max);
	else if (f->type == CARDEA_ID)
		snprintf(out, cap, "%s of at most %d bytes", words[f->type], CARDEA_ID_BYTES);
	else
		snprintf(out, cap, "%s%s", words[f->type],
			f->nonempty ? " with something in it" : "");
}

/* What was typed for this one start is meant: there a name that is not known is an error. */
static bool is_override(const char *where)
{
	return !strncmp(where, CONF_SET, strlen(CONF_SET));
}

static void check_option(
	const struct conf_spot *at, const struct cardea_field *fields, json_t *obj, json_t *v)
{
	const struct cardea_field *f = fields;
	char should[256];
	json_t *good;
	while (f && f->name && strcmp(f->name, at->option))
		f++;
	if (!f || !f->name) {
		const char *near = nearest_field(fields, at->option);
		findings_add(at->file->findings, is_override(at->where), at->where,
			"unknown option '%s' in section '%s'%s%s%s", at->option, at->section,
			near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "");
		return;
	}
	if ((good = convert(at, f, v))) {
		json_object_set_new(obj, at->option, good);
		if (f->idle && (!json_is_string(good) || *json_string_value(good)))
			findings_add(at->file->findings, false, at->where,
				"'%s' in section '%s' has no effect: %s", at->option, at->section,
				f->idle);
		return;
	}
	describe(f, should, sizeof should);
	findings_add(at->file->findings, true, at->where, "'%s' in section '%s' should be %s",
		at->option, at->section, should);
	json_object_del(obj, at->option); /* so that the getters give the default */
}

/* Of an option that is not given: of its section, or of the file. */
static const char *place(const struct cardea_conf *file, const char *section, const char *option)
{
	char key[512];
	const json_t *where = NULL;
	if (option) {
		snprintf(key, sizeof key, "%s.%s", section, option);
		where = json_object_get(file->where, key);
	}
	if (!where)
		where = json_object_get(file->where, section);
	return where ? json_string_value(where) : file->label;
}

/* @p at->where is set for what lies inside an option, whose line serves for all of it. */
static void check_fields(const struct conf_spot *at, json_t *obj, const struct cardea_field *fields)
{
	struct conf_spot inner = *at;
	json_t *v;
	void *next;
	if (!fields)
		return;
	json_object_foreach_safe(obj, next, inner.option, v) {
		inner.where = at->where ? at->where : place(at->file, at->section, inner.option);
		check_option(&inner, fields, obj, v);
	}
	for (const struct cardea_field *f = fields; f->name; f++)
		if (f->required && !json_object_get(obj, f->name))
			findings_add(at->file->findings, true,
				at->where ? at->where : place(at->file, at->section, NULL),
				"'%s' is missing in section '%s'", f->name, at->section);
}

static bool matches(const char *pattern, const char *name)
{
	size_t len = strlen(pattern);
	if (len && pattern[len - 1] == '*')
		return !strncmp(pattern, name, len - 1);
	return !strcmp(pattern, name);
}

static const struct cardea_section *find_section(
	const struct cardea_section *sections, const char *name)
{
	for (; sections && sections->name; sections++)
		if (matches(sections->name, name))
			return sections;
	return NULL;
}

void conf_check(struct cardea_conf *file, const struct cardea_section *sections)
{
	struct conf_spot at = { .file = file };
	json_t *group;
	file->sections = sections;
	json_object_foreach(file->tree, at.section, group) {
		const struct cardea_section *s = find_section(sections, at.section);
		const char *where = place(file, at.section, NULL);
		if (!json_is_object(group)) {
			findings_add(file->findings, true, where,
				"'%s' should be a section: %s: { … }", at.section, at.section);
		} else if (!s) {
			const char *near = nearest_section(sections, at.section);
			findings_add(file->findings, is_override(where), where,
				"unknown section '%s'%s%s%s", at.section,
				near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "");
		} else {
			check_fields(&at, group, s->fields);
		}
	}
}

/* ---- what modules see ---- */

const char *cardea_conf_where(const struct cardea_conf *c, const char *section, const char *option)
{
	const char *where = place(c, section, option);
	char text[768];
	snprintf(text, sizeof text, "%s: '%s' in section '%s'", where, option, section);
	if (!json_object_get(c->lent, text))
		json_object_set_new_nocheck(c->lent, text, json_string_nocheck(text));
	return json_string_value(json_object_get(c->lent, text));
}

void cardea_conf_wrong(const struct cardea_conf *c, bool is_error, const char *section,
	const char *option, const char *fmt, ...)
{
	char text[512];
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	if (option)
		findings_add(c->findings, is_error, place(c, section, option),
			"'%s' in section '%s': %s", option, section, text);
	else
		findings_add(c->findings, is_error, place(c, section, NULL), "section '%s': %s",
			section, text);
}

static const json_t *group_or_null(const json_t *v)
{
	return json_is_object(v) ? v : NULL;
}

struct cardea_args cardea_conf_section(const struct cardea_conf *c, const char *name)
{
	const struct cardea_section *s = find_section(c->sections, name);
	return (struct cardea_args){ group_or_null(json_object_get(c->tree, name)),
		s ? s->fields : NULL };
}

const char *cardea_conf_next(
	const struct cardea_conf *c, const char *pattern, unsigned *i, struct cardea_args *args)
{
	unsigned at = 0;
	const char *name;
	json_t *group;
	json_object_foreach(c->tree, name, group) {
		if (at++ < *i || !matches(pattern, name) || !json_is_object(group))
			continue;
		*i = at;
		*args = cardea_conf_section(c, name);
		return name;
	}
	*i = at;
	return NULL;
}
