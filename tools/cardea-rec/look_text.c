/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include "compose/film_index.h"
#include "look_text.h"
#include "words.h"

#define PART ".part"

static void judge(struct look *l, enum verdict v, const char *what, const char *reason)
{
	l->verdict = v;
	snprintf(l->why, sizeof l->why, "%s%s", what, reason);
}

/* Whole, as a crash has left it, or MJR, whose ending a .nfo may leave out. */
static bool is_beside(const struct look *l, const char *name)
{
	static const char *const endings[] = { "", PART, ".mjr" };
	g_autofree char *folder = g_path_get_dirname(l->path);
	for (unsigned i = 0; i < G_N_ELEMENTS(endings); i++) {
		g_autofree char *file = g_strconcat(folder, "/", name, endings[i], NULL);
		if (g_file_test(file, G_FILE_TEST_EXISTS))
			return true;
	}
	return false;
}

static void count_file(struct look *l, const char *name)
{
	char shown[WORDS_PATH];
	l->files++;
	if (l->verdict == PLAYABLE && !is_beside(l, name))
		judge(l, DAMAGED, words_path(shown, sizeof shown, name), " is not there");
}

static void look_at_index(struct look *l, char *text, size_t len)
{
	struct film_index x;
	char why[512];
	if (!film_index_read(&x, text, len, why, sizeof why)) {
		judge(l, UNREADABLE, why, "");
		return;
	}
	l->info.began_us = x.began_us;
	l->people = x.n_people;
	for (unsigned i = 0; i < x.n_files; i++)
		count_file(l, x.files[i].name);
	film_index_free(&x);
}

static void look_at_lines(struct look *l, char *text, size_t len)
{
	char *end = text + len;
	for (char *at = text, *line_end; at < end; at = line_end + 1) {
		if (!(line_end = memchr(at, '\n', (size_t)(end - at)))) {
			judge(l, DAMAGED, "it ends in the middle of a line", "");
			return;
		}
		json_t *o = json_loadb(at, (size_t)(line_end - at), 0, NULL);
		if (!json_is_object(o))
			judge(l, DAMAGED, "a line is no JSON object", "");
		l->messages += json_is_object(o);
		json_decref(o);
	}
}

static void look_at_cues(struct look *l, char *text, size_t len)
{
	(void)len;
	if (!g_str_has_prefix(text, "WEBVTT"))
		judge(l, UNREADABLE, "it is no WebVTT", "");
	for (char *at = text; (at = strstr(at, " --> ")); at++)
		l->messages++;
}

static void look_at_nfo(struct look *l, char *text, size_t len)
{
	static const char *const keys[] = { "media", "messages", "audio", "video", "data", NULL };
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	(void)len;
	for (char **line = lines; *line; line++) {
		char key[16], name[1024];
		if (sscanf(*line, " %15[a-z] = %1023[^\r]", key, name) != 2)
			continue;
		if (g_strv_contains(keys, key))
			count_file(l, g_strstrip(name));
	}
	if (*text != '[' || !l->files)
		judge(l, UNREADABLE, "it names no file", "");
}

static const struct {
	const char *ending;
	enum format format;
	void (*look)(struct look *l, char *text, size_t len); /* behind the text is a 0 */
} kinds[] = {
	{ ".json", FORMAT_INDEX, look_at_index },
	{ ".jsonl", FORMAT_LINES, look_at_lines },
	{ ".vtt", FORMAT_CUES, look_at_cues },
	{ ".nfo", FORMAT_NFO, look_at_nfo },
};

void look_at_text(struct look *l)
{
	g_autofree char *name = g_strdup(l->path), *text = NULL;
	size_t len;
	unsigned i = 0;
	if (g_str_has_suffix(name, PART))
		name[strlen(name) - strlen(PART)] = 0;
	while (i < G_N_ELEMENTS(kinds) && !g_str_has_suffix(name, kinds[i].ending))
		i++;
	if (i == G_N_ELEMENTS(kinds) || !g_file_get_contents(l->path, &text, &len, NULL))
		return;
	l->format = kinds[i].format;
	l->bytes = len;
	judge(l, PLAYABLE, "", "");
	kinds[i].look(l, text, len);
}
