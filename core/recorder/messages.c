/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/json.h"
#include "messages.h"

#define CUE_MAX   500              /* characters of a text that a player shows */
#define SHOWN_US  (3 * US_PER_S)   /* for so long, */
#define LETTER_US (50 * US_PER_MS) /* and this for each character more, */
#define LONG_US   (10 * US_PER_S)  /* but no longer */

struct messages {
	const struct rec_disk *disk;
	const char *const *folders;
	char *base;
	struct rec_file *lines, *cues; /* NULL: not yet */
	int64_t cue_us;                /* when the last began: they stand in order */
	bool has_failed;
	char why[512];
};

struct messages *messages_new(
	const struct rec_disk *disk, const char *const *folders, const char *base)
{
	struct messages *m = calloc(1, sizeof *m);
	if (!m || !(m->base = strdup(base))) {
		free(m);
		return NULL;
	}
	m->disk = disk;
	m->folders = folders;
	return m;
}

static struct rec_file *open_file(struct messages *m, const char *ending)
{
	char *name = g_strconcat(m->base, ending, NULL);
	struct rec_file *f = rec_file_new(m->disk, m->folders, name, m->why, sizeof m->why);
	g_free(name);
	return f;
}

static bool write_text(struct messages *m, struct rec_file *f, const char *text, size_t len)
{
	if (!rec_file_write(f, text, len))
		return true;
	g_strlcpy(m->why, rec_file_error(f), sizeof m->why);
	return false;
}

/* ---- lines of JSON ---- */

static char *line_of(const char *label, const char *text, size_t len, bool is_binary, int64_t at_us,
	int64_t unix_us)
{
	json_t *o = json_object();
	json_object_set_new(o, "at_us", json_integer(at_us));
	json_object_set_new(o, "unix_us", json_integer(unix_us));
	if (label && *label)
		json_object_set_new(o, "label", cardea_json_text(label));
	if (is_binary) {
		char *base64 = g_base64_encode((const guchar *)text, len);
		json_object_set_new(o, "base64", json_string(base64));
		g_free(base64);
	} else {
		json_object_set_new(o, "text", json_stringn(text, len));
	}
	char *line = json_write(o, JSON_STYLE_PLAIN, NULL);
	json_decref(o);
	return line;
}

static bool write_line(struct messages *m, char *line)
{
	bool good = line && (m->lines || (m->lines = open_file(m, ".jsonl")));
	if (good) {
		size_t len = strlen(line);
		line[len] = '\n'; /* in the place of its end: it is written in one go */
		good = write_text(m, m->lines, line, len + 1);
	}
	free(line);
	return good;
}

/* ---- cues ---- */

static void put_time(GString *s, int64_t us)
{
	int64_t ms = us / US_PER_MS;
	g_string_append_printf(s, "%02" PRId64 ":%02d:%02d.%03d", ms / 3600000,
		(int)(ms / 60000 % 60), (int)(ms / 1000 % 60), (int)(ms % 1000));
}

/* In a cue an empty line is its end, and some characters are markup. @return characters */
static unsigned put_cue_text(GString *s, const char *text, size_t len)
{
	const char *end = text + len;
	unsigned n = 0;
	while (text < end && n < CUE_MAX) {
		gunichar c = g_utf8_get_char(text);
		text = g_utf8_next_char(text);
		if (c == '\r' || c == '\n') {
			if (s->str[s->len - 1] == '\n')
				continue;
			c = '\n';
		}
		if (c == '&')
			g_string_append(s, "&amp;");
		else if (c == '<')
			g_string_append(s, "&lt;");
		else if (c == '>')
			g_string_append(s, "&gt;");
		else
			g_string_append_unichar(s, c == '\n' || c == '\t' || c >= ' ' ? c : 0xfffd);
		n++;
	}
	if (text < end)
		g_string_append(s, "…");
	if (s->str[s->len - 1] != '\n')
		g_string_append_c(s, '\n');
	return n;
}

static bool write_cue(struct messages *m, const char *text, size_t len, int64_t at_us)
{
	GString *body = g_string_new("\n"), *cue = g_string_new(m->cues ? "\n" : "WEBVTT\n\n");
	unsigned n = put_cue_text(body, text, len);
	bool good = true;
	if (body->len > 1) {
		int64_t shown_us = SHOWN_US + n * LETTER_US;
		m->cue_us = MAX(at_us, m->cue_us);
		put_time(cue, m->cue_us);
		g_string_append(cue, " --> ");
		put_time(cue, m->cue_us + MIN(shown_us, LONG_US));
		g_string_append_len(cue, body->str, (gssize)body->len);
		good = m->cues || (m->cues = open_file(m, ".vtt"));
		good = good && write_text(m, m->cues, cue->str, cue->len);
	}
	g_string_free(body, TRUE);
	g_string_free(cue, TRUE);
	return good;
}

/* ---- */

enum err messages_write(struct messages *m, const char *label, const void *bytes, size_t len,
	bool is_binary, int64_t at_us, int64_t unix_us)
{
	const char *text = bytes;
	is_binary = is_binary || (len && !g_utf8_validate(text, (gssize)len, NULL));
	at_us = MAX(at_us, 0);
	if (!m->has_failed)
		m->has_failed =
			!write_line(m, line_of(label, text, len, is_binary, at_us, unix_us)) ||
			(!is_binary && !write_cue(m, text, len, at_us));
	return m->has_failed ? ERR_IO : OK;
}

const char *messages_error(const struct messages *m)
{
	return m->has_failed ? m->why : NULL;
}

enum err messages_end(struct messages *m, bool keep)
{
	enum err e = OK, ended;
	if (m->lines)
		e = rec_file_end(m->lines, keep);
	if (m->cues && (ended = rec_file_end(m->cues, keep)) && !e)
		e = ended;
	free(m->base);
	free(m);
	return e;
}
