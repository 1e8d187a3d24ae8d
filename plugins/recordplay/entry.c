/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Reading, printing and showing one recording. Pure; library.c keeps them. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include "entry.h"

bool entry_keeps(const char *text)
{
	for (const char *s = text; *s; s++)
		if ((unsigned char)*s < ' ')
			return false;
	return *text && *text != ' ' && text[strlen(text) - 1] != ' ';
}

bool entry_is_path(const char *path)
{
	for (const char *part = path; part; part = strchr(part, '/')) {
		part += part != path;
		if (!*part || *part == '.' || *part == '/')
			return false;
	}
	return strlen(path) <= ENTRY_NAME && entry_keeps(path);
}

/* ---- reading ---- */

static char *trim(char *s)
{
	char *end = s + strlen(s);
	while (end > s && strchr(" \t\r", end[-1]))
		*--end = '\0';
	return s + strspn(s, " \t");
}

static bool is_true(const char *value)
{
	return !strcasecmp(value, "true") || !strcasecmp(value, "yes") || !strcmp(value, "1");
}

static void copy(char *out, size_t size, const char *value)
{
	snprintf(out, size, "%s", value);
}

/* Older files have no ending: it is .mjr. */
static bool read_mjr(char out[ENTRY_NAME + 1], const char *value)
{
	const char *dot = strrchr(value, '.');
	if (!entry_is_path(value) || strlen(value) + 4 > ENTRY_NAME)
		return false;
	snprintf(out, ENTRY_NAME + 1, "%s%s", value, dot && !strcmp(dot, ".mjr") ? "" : ".mjr");
	return true;
}

/* One more of files of a kind. @param n how many there are  @param max how many there may be */
static bool read_file(char (*files)[ENTRY_NAME + 1], unsigned *n, unsigned max, const char *value)
{
	if (!entry_is_path(value) || *n == max)
		return false;
	copy(files[(*n)++], sizeof *files, value);
	return true;
}

/* @return 0: it is none that can be */
static uint64_t read_number(const char *value)
{
	errno = 0;
	uint64_t n = strtoull(value, NULL, 10);
	return !errno && *value >= '0' && *value <= '9' && n <= INT64_MAX ? n : 0;
}

/* @return false: the value cannot be */
static bool read_line(struct entry *e, const char *name, const char *value)
{
	if (!strcmp(name, "name"))
		copy(e->name, sizeof e->name, value);
	else if (!strcmp(name, "date"))
		copy(e->date, sizeof e->date, value);
	else if (!strcmp(name, "private"))
		e->is_private = is_true(value);
	else if (!strcmp(name, "media"))
		return read_file(e->media, &e->n_media, ENTRY_FILES, value);
	else if (!strcmp(name, "messages"))
		return read_file(e->messages, &e->n_messages, ENTRY_MESSAGES, value);
	else if (!strcmp(name, "audio"))
		return read_mjr(e->audio, value);
	else if (!strcmp(name, "video"))
		return read_mjr(e->video, value);
	else if (!strcmp(name, "data"))
		return read_mjr(e->data, value);
	else if (!strcmp(name, "audio_codec"))
		copy(e->audio_codec, sizeof e->audio_codec, value);
	else if (!strcmp(name, "video_codec"))
		copy(e->video_codec, sizeof e->video_codec, value);
	else if (!strcmp(name, "audio_red"))
		e->has_red = is_true(value);
	else if (!strcmp(name, "secret"))
		copy(e->secret, sizeof e->secret, value);
	else if (!strcmp(name, "duration_ms"))
		e->duration_ms = (int64_t)read_number(value);
	else if (!strcmp(name, "bytes"))
		e->bytes = read_number(value);
	return true;
}

static bool read_section(struct entry *e, char *line)
{
	e->id = read_number(line + 1);
	return e->id && line[1 + strspn(line + 1, "0123456789")] == ']';
}

static const char *fault_of(struct entry *e)
{
	if (!e->id)
		return "it has no section";
	if (!*e->name)
		return "it has no name";
	if (!*e->date)
		return "it has no date";
	if (!*e->audio && !*e->video && !e->n_media)
		return "it names neither audio nor video nor media";
	/* the codecs tell what is in the files, where they are named at all */
	bool is_known = *e->audio_codec || *e->video_codec;
	e->is_audio = is_known ? *e->audio_codec : *e->audio || e->n_media;
	e->is_video = is_known ? *e->video_codec : *e->video || e->n_media;
	e->is_data = *e->data || e->n_messages;
	return NULL;
}

bool entry_read(const char *text, struct entry *out, const char **why)
{
	char copied[NFO_MAX], *rest = copied, *line;
	*out = (struct entry){ .is_private = true }; /* where nothing is said of it */
	*why = "it is too long";
	if (strlen(text) >= sizeof copied)
		return false;
	memcpy(copied, text, strlen(text) + 1);
	while ((line = strsep(&rest, "\n"))) {
		char *value = strchr(line = trim(line), '=');
		*why = "a line of it cannot be";
		if (*line == '[') {
			if (out->id || !read_section(out, line))
				return false;
		} else if (value && !strchr(";#", *line)) {
			*value++ = '\0';
			if (!read_line(out, trim(line), trim(value)))
				return false;
		}
	}
	*why = fault_of(out);
	return !*why;
}

/* ---- printing ---- */

/* A value stays on its line. */
static void put(char *out, const char *name, const char *value)
{
	size_t at = strlen(out);
	if (!*value)
		return;
	snprintf(out + at, NFO_MAX - at, "%s = %s\n", name, value);
	for (char *s = out + at; *s; s++)
		if ((unsigned char)*s < ' ' && s[1])
			*s = ' ';
}

static void put_number(char *out, const char *name, uint64_t value)
{
	char text[32];
	snprintf(text, sizeof text, "%" PRIu64, value);
	if (value)
		put(out, name, text);
}

void entry_print(const struct entry *e, char out[NFO_MAX])
{
	snprintf(out, NFO_MAX, "[%" PRIu64 "]\n", e->id);
	put(out, "name", e->name);
	put(out, "date", e->date);
	put(out, "private", e->is_private ? "true" : "false");
	for (unsigned i = 0; i < e->n_media; i++)
		put(out, "media", e->media[i]);
	for (unsigned i = 0; i < e->n_messages; i++)
		put(out, "messages", e->messages[i]);
	put(out, "audio", e->audio);
	put(out, "video", e->video);
	put(out, "data", e->data);
	put(out, "audio_codec", e->audio_codec);
	put(out, "video_codec", e->video_codec);
	put(out, "audio_red", e->has_red ? "true" : "");
	put(out, "secret", e->secret);
	put_number(out, "duration_ms", e->duration_ms > 0 ? (uint64_t)e->duration_ms : 0);
	put_number(out, "bytes", e->bytes);
}

/* ---- showing ---- */

/* The date is by the server's clock, without a zone. @return seconds; -1: it is another text */
static int64_t unix_of(const char *date)
{
	struct tm t = { 0 };
	const char *end = strptime(date, "%Y-%m-%d %H:%M:%S", &t);
	t.tm_isdst = -1; /* the zone tells */
	return end && !*end ? (int64_t)mktime(&t) : -1;
}

json_t *entry_json(const struct entry *e)
{
	json_t *j = json_pack("{s:I, s:b, s:o, s:o, s:b}", "id", (json_int_t)e->id, "is_private",
		e->is_private, "name", cardea_json_text(e->name), "date", cardea_json_text(e->date),
		"audio", e->is_audio);
	int64_t unix_s = unix_of(e->date);
	if (unix_s >= 0)
		json_object_set_new(j, "date_unix", json_integer(unix_s));
	if (*e->audio_codec)
		json_object_set_new(j, "audio_codec", cardea_json_text(e->audio_codec));
	if (e->has_red)
		json_object_set_new(j, "audio_red", json_true());
	json_object_set_new(j, "video", json_boolean(e->is_video));
	if (*e->video_codec)
		json_object_set_new(j, "video_codec", cardea_json_text(e->video_codec));
	json_object_set_new(j, "data", json_boolean(e->is_data));
	if (e->duration_ms > 0)
		json_object_set_new(j, "duration_ms", json_integer(e->duration_ms));
	if (e->bytes)
		json_object_set_new(j, "bytes", json_integer((json_int_t)e->bytes));
	return j;
}
