/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "../../../core/recorder/av/mux.h"
#include "../look.h"
#include "../stop.h"
#include "film_plan.h"

#define DAY_US  (INT64_C(24) * 3600 * 1000000)
#define TALK_US 1000000 /* who says less does not become the speaker */

static void free_clip(void *clip)
{
	g_free(((struct film_clip *)clip)->path);
}

static void free_left_out(void *file)
{
	g_free(((struct film_left_out *)file)->file);
	g_free(((struct film_left_out *)file)->why);
}

void film_plan_free(struct film_plan *p)
{
	if (!p)
		return;
	film_index_free(&p->index);
	g_array_free(p->clips, TRUE);
	g_array_free(p->speakers, TRUE);
	g_array_free(p->left_out, TRUE);
	g_free(p);
}

void film_plan_leave_out(struct film_plan *p, const char *file, const char *why)
{
	struct film_left_out o = { g_strdup(file), g_strdup(why) };
	g_array_append_val(p->left_out, o);
}

/* ---- files ---- */

/* As it is whole, or as a crash has left it. NULL: neither is there */
static char *find_file(const char *folder, const char *name)
{
	g_autofree char *whole = g_build_filename(folder, name, NULL);
	g_autofree char *part = g_strconcat(whole, ".part", NULL);
	if (g_file_test(whole, G_FILE_TEST_EXISTS))
		return g_steal_pointer(&whole);
	return g_file_test(part, G_FILE_TEST_EXISTS) ? g_steal_pointer(&part) : NULL;
}

/* Ogg and WAV end where they end. */
static bool is_cut(enum format format, const struct mux_info *info)
{
	return !info->is_whole && format != FORMAT_OGG && format != FORMAT_WAV;
}

static bool look(struct film_clip *c, struct mux_info *info, bool *cut, char *why, size_t size)
{
	enum format format = look_format(c->path);
	if (format == FORMAT_MJR) {
		snprintf(why, size, "it is MJR: make a media file of it (cardea-rec convert)");
		return false;
	}
	if (mux_info(c->path, false, info, why, size))
		return false;
	*cut = is_cut(format, info);
	if ((*cut || !info->duration_us) && mux_info(c->path, true, info, why, size))
		return false;
	for (unsigned i = 0; i < info->n_tracks; i++)
		if (info->tracks[i].width ||
			cardea_codec_kind(info->tracks[i].codec) == CARDEA_VIDEO)
			c->has_picture = true;
		else
			c->has_sound = true;
	if (info->duration_us > 0 && info->duration_us <= FILM_MAX_US)
		return true;
	snprintf(why, size, "there is nothing in it that can be played");
	return false;
}

static void add_clip(struct film_plan *p, const struct film_file *f, char *path)
{
	struct film_clip c = { .path = path, .person = f->person, .is_screen = f->is_screen };
	struct mux_info info;
	char why[1024];
	bool cut;
	if (!path) {
		film_plan_leave_out(p, f->name, "it is not there");
		return;
	}
	if (!look(&c, &info, &cut, why, sizeof why)) {
		film_plan_leave_out(p, f->name, why);
		g_free(path);
		return;
	}
	if (cut)
		film_plan_leave_out(p, f->name, "it was cut short, and is used as far as it goes");
	c.from_us = f->at_us;
	c.until_us = f->at_us + info.duration_us;
	g_array_append_val(p->clips, c);
}

/* MJR beside media is the same once more. */
static bool is_there_as_media(const struct film_index *x, const struct film_file *mjr)
{
	for (unsigned i = 0; i < x->n_files; i++)
		if (!x->files[i].is_mjr && x->files[i].person == mjr->person)
			return true;
	return false;
}

static void find_clips(struct film_plan *p, const char *folder)
{
	const struct film_index *x = &p->index;
	for (unsigned i = 0; i < x->n_files && !stop_wanted(); i++)
		if (!x->files[i].is_mjr || !is_there_as_media(x, &x->files[i]))
			add_clip(p, &x->files[i], find_file(folder, x->files[i].name));
}

/* Of whom it says not when they left, as after a crash, were there to the end: the others' places
 * in the picture stay when one file ends a moment before another. */
static void keep_who_stayed(struct film_index *x)
{
	for (unsigned i = 0; i < x->n_people; i++)
		if (x->people[i].until_us == FILM_NOT_TOLD)
			x->people[i].until_us = INT64_MAX;
}

static bool read_index(struct film_plan *p, const char *path, char *why, size_t size)
{
	g_autofree char *text = NULL, *folder = g_path_get_dirname(path);
	char reason[512];
	gsize len = 0;
	struct stat s;
	errno = 0;
	if (stat(path, &s) || !S_ISREG(s.st_mode) || s.st_size > FILM_MAX_BYTES ||
		!g_file_get_contents(path, &text, &len, NULL)) {
		snprintf(why, size, "%s cannot be read: %s", path,
			errno ? strerror(errno) : "it is no file of 64 MiB at most");
		return false;
	}
	if (!film_index_read(&p->index, text, len, reason, sizeof reason)) {
		snprintf(why, size, "%s: %s", path, reason);
		return false;
	}
	keep_who_stayed(&p->index);
	find_clips(p, folder);
	return true;
}

/* Without an index: who is in a file is what it is called; what was recorded on one day is in sync
 * by the time at which it began. */
static void read_files(struct film_plan *p, const char *const *files, unsigned n)
{
	int64_t first_us = INT64_MAX, last_us = 0, began_us[FILM_MAX_FILES] = { 0 };
	for (unsigned i = 0; i < n && i < FILM_MAX_FILES; i++) {
		struct mux_info info = { 0 };
		char why[1024];
		if (!mux_info(files[i], false, &info, why, sizeof why))
			began_us[i] = info.began_us;
		if (began_us[i] > 0 && began_us[i] < first_us)
			first_us = began_us[i];
		if (began_us[i] > last_us)
			last_us = began_us[i];
	}
	for (unsigned i = 0; i < n && i < FILM_MAX_FILES && !stop_wanted(); i++) {
		g_autofree char *base = g_path_get_basename(files[i]);
		char *dot = strchr(base, '.');
		struct film_file *f;
		if (dot && dot != base)
			*dot = 0;
		f = film_index_add_file(&p->index, files[i],
			film_index_add_person(&p->index, g_strdup(base), g_strdup(base)));
		if (began_us[i] > 0 && last_us - first_us < DAY_US)
			f->at_us = began_us[i] - first_us;
		add_clip(p, f, g_strdup(files[i]));
	}
	p->index.began_us = first_us == INT64_MAX ? 0 : first_us;
}

/* ---- times ---- */

static int by_time(const void *a, const void *b)
{
	const struct film_clip *x = a, *y = b;
	return (x->from_us > y->from_us) - (x->from_us < y->from_us);
}

/* The film lasts as long as there is something to play. Who has no file is not in it, who has one
 * is there as long as the index says, and while the file lasts. */
static void set_times(struct film_plan *p)
{
	struct film_person *people = p->index.people;
	g_autofree struct film_person *spans = g_new0(struct film_person, p->index.n_people + 1);
	p->from_us = INT64_MAX;
	p->until_us = 0;
	for (unsigned i = 0; i < p->clips->len; i++) {
		const struct film_clip *c = film_plan_clip(p, i);
		struct film_person *s = &spans[c->person];
		s->from_us = s->until_us ? MIN(s->from_us, c->from_us) : c->from_us;
		s->until_us = MAX(s->until_us, c->until_us);
		p->from_us = MIN(p->from_us, c->from_us);
		p->until_us = MAX(p->until_us, c->until_us);
	}
	for (unsigned i = 0; i < p->index.n_people; i++) {
		if (!spans[i].until_us) {
			people[i].from_us = people[i].until_us = 0;
			continue;
		}
		if (people[i].from_us < 0 || people[i].from_us > spans[i].from_us)
			people[i].from_us = spans[i].from_us;
		if (people[i].until_us < spans[i].until_us)
			people[i].until_us = spans[i].until_us;
	}
}

static int64_t talks_until(const struct film_index *x, unsigned turn)
{
	for (unsigned i = turn + 1; i < x->n_turns; i++) {
		if (x->turns[i].person == x->turns[turn].person && !x->turns[i].talks)
			return x->turns[i].at_us;
		if (x->turns[i].at_us - x->turns[turn].at_us >= TALK_US)
			break;
	}
	return INT64_MAX;
}

/* Whoever has begun to talk last, and does not stop at once, is the speaker until another is. */
static void find_speakers(struct film_plan *p)
{
	const struct film_index *x = &p->index;
	for (unsigned i = 0; i < x->n_turns; i++) {
		struct film_speaker s = { x->turns[i].at_us, x->turns[i].person };
		unsigned n = p->speakers->len;
		if (!x->turns[i].talks || talks_until(x, i) - s.from_us < TALK_US)
			continue;
		if (!n || g_array_index(p->speakers, struct film_speaker, n - 1).person != s.person)
			g_array_append_val(p->speakers, s);
	}
}

struct film_plan *film_plan_new(const char *const *files, unsigned n, char *why, size_t size)
{
	struct film_plan *p = g_new0(struct film_plan, 1);
	p->clips = g_array_new(FALSE, FALSE, sizeof(struct film_clip));
	p->speakers = g_array_new(FALSE, FALSE, sizeof(struct film_speaker));
	p->left_out = g_array_new(FALSE, FALSE, sizeof(struct film_left_out));
	g_array_set_clear_func(p->clips, free_clip);
	g_array_set_clear_func(p->left_out, free_left_out);
	film_index_init(&p->index);
	if (n == 1 && g_str_has_suffix(files[0], ".json")) {
		if (!read_index(p, files[0], why, size)) {
			film_plan_free(p);
			return NULL;
		}
	} else {
		read_files(p, files, n);
	}
	if (p->index.is_incomplete)
		film_plan_leave_out(
			p, files[0], "the index is incomplete: there was more than it holds");
	g_array_sort(p->clips, by_time);
	set_times(p);
	find_speakers(p);
	return p;
}
