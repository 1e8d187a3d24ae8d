/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "film_index.h"
#include "film_options.h"

#define MIN_SIZE 128
#define MAX_SIZE 4096

static bool wrong(char *why, size_t size, const char *what)
{
	snprintf(why, size, "compose: %s", what);
	return false;
}

/* Digits alone, or with a point: strtod() would take more. */
static bool is_number(const char *text)
{
	return g_ascii_isdigit(*text) && strspn(text, "0123456789.") == strlen(text);
}

bool film_options_time(const char *text, int64_t *us)
{
	g_auto(GStrv) parts = g_strsplit(text, ":", -1);
	unsigned n = g_strv_length(parts);
	double seconds = 0;
	if (n < 1 || n > 3)
		return false;
	for (unsigned i = 0; i < n; i++) {
		char *end = NULL;
		double part = is_number(parts[i]) ? g_ascii_strtod(parts[i], &end) : -1;
		if (part < 0 || *end || (i && part >= 60) || (i + 1 < n && strchr(parts[i], '.')))
			return false;
		seconds = seconds * 60 + part;
	}
	*us = seconds < (double)FILM_MAX_US / 1e6 ? (int64_t)(seconds * 1e6) : -1;
	return *us >= 0;
}

static bool read_size(struct film_options *f, const char *text)
{
	char rest;
	return strspn(text, "0123456789x") == strlen(text) && strlen(text) < 12 &&
	       sscanf(text, "%dx%d%c", &f->width, &f->height, &rest) == 2 && f->width >= MIN_SIZE &&
	       f->height >= MIN_SIZE && f->width <= MAX_SIZE && f->height <= MAX_SIZE &&
	       f->width % 2 == 0 && f->height % 2 == 0;
}

static bool read_ending(struct film_options *f, const char *out)
{
	g_autofree char *lower = g_ascii_strdown(out, -1);
	f->is_webm = g_str_has_suffix(lower, ".webm");
	return f->is_webm || g_str_has_suffix(lower, ".mp4");
}

bool film_options_read(struct film_options *f, const struct options *o, char *why, size_t size)
{
	*f = (struct film_options){ .width = 1280, .height = 720, .rate = 30, .to_us = INT64_MAX };
	if (!o->n_files)
		return wrong(why, size, "there is no index and no file to make a film of");
	if (!o->out)
		return wrong(why, size, "-o FILM.mp4 or -o FILM.webm says what is to be made");
	if (!read_ending(f, o->out))
		return wrong(why, size, "a film ends with .mp4 or .webm");
	if (o->size && !read_size(f, o->size))
		return wrong(why, size, "--size is WIDTHxHEIGHT, even numbers from 128 to 4096");
	if (o->rate && strcmp(o->rate, "25") != 0 && strcmp(o->rate, "30") != 0)
		return wrong(why, size, "--rate is 25 or 30");
	if (o->layout && strcmp(o->layout, "grid") != 0 && strcmp(o->layout, "speaker") != 0)
		return wrong(why, size, "--layout is grid or speaker");
	if ((o->from && !film_options_time(o->from, &f->from_us)) ||
		(o->to && !film_options_time(o->to, &f->to_us)))
		return wrong(why, size, "--from and --to are times as 90, 1:30 or 1:02:03.5");
	if (f->from_us >= f->to_us)
		return wrong(why, size, "--to is not behind --from");
	f->rate = o->rate ? atoi(o->rate) : f->rate;
	f->is_speaker = o->layout && strcmp(o->layout, "speaker") == 0;
	return true;
}
