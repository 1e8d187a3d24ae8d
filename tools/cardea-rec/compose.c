/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include "../../core/base/utf8.h"
#include "commands.h"
#include "compose/film.h"
#include "compose/film_options.h"
#include "compose/label.h"
#include "output.h"
#include "progress.h"
#include "stop.h"
#include "words.h"

#define WHY       1200
#define MAX_TOLD  20 /* files that are left out, for people */
#define TITLE_MAX 256

static int64_t duration_of(const struct film_conf *c)
{
	return c->until_us - c->from_us + (c->card ? FILM_CARD_US : 0);
}

/* ---- what is told ---- */

static json_t *left_out_json(const struct film_plan *p)
{
	json_t *list = json_array();
	for (unsigned i = 0; i < p->left_out->len; i++) {
		const struct film_left_out *l =
			&g_array_index(p->left_out, struct film_left_out, i);
		json_array_append_new(
			list, json_pack("{s:o, s:o}", "file", cardea_json_text(l->file), "why",
				      cardea_json_text(l->why)));
	}
	return list;
}

static json_t *people_json(const struct film_plan *p)
{
	json_t *list = json_array();
	for (unsigned i = 0; i < p->index.n_people; i++)
		if (p->index.people[i].until_us > 0)
			json_array_append_new(list, cardea_json_text(p->index.people[i].name));
	return list;
}

static void tell_left_out(const struct film_plan *p)
{
	char file[WORDS_PATH], why[WORDS_PATH];
	for (unsigned i = 0; i < p->left_out->len && i < MAX_TOLD; i++) {
		const struct film_left_out *l =
			&g_array_index(p->left_out, struct film_left_out, i);
		options_complain("%s: %s", words_path(file, sizeof file, l->file),
			words_path(why, sizeof why, l->why));
	}
	if (p->left_out->len > MAX_TOLD)
		options_complain("and of %u more files", p->left_out->len - MAX_TOLD);
}

static enum status report(const struct options *o, const struct film_options *f,
	const struct film_plan *p, const struct film_conf *c, uint64_t bytes)
{
	char path[WORDS_PATH], span[32], size[32];
	int64_t us = duration_of(c);
	if (o->json)
		report_json(json_pack("{s:o, s:I, s:I, s:i, s:i, s:i, s:o, s:o}", "file",
			cardea_json_text(o->out), "bytes", (json_int_t)bytes, "duration_us",
			(json_int_t)us, "width", f->width, "height", f->height, "rate", f->rate,
			"people", people_json(p), "left_out", left_out_json(p)));
	else if (!o->quiet)
		printf("%s: %s, %s, %s, %d×%d, %d a second\n",
			words_path(path, sizeof path, o->out), f->is_webm ? "WebM" : "MP4",
			words_span(span, sizeof span, us, true),
			words_bytes(size, sizeof size, bytes), f->width, f->height, f->rate);
	if (!o->json)
		tell_left_out(p);
	return p->left_out->len ? STATUS_PART : STATUS_GOOD;
}

/* ---- what is made ---- */

/* What could be read before nothing was left says why. */
static enum status nothing(const struct options *o, const struct film_plan *p)
{
	char why[WHY];
	const struct film_left_out *l = NULL;
	if (p->left_out->len)
		l = &g_array_index(p->left_out, struct film_left_out, 0);
	if (l)
		snprintf(why, sizeof why, "There is no file that can be played: %s: %s", l->file,
			l->why);
	else
		snprintf(why, sizeof why, "%s: nobody was recorded", o->files[0]);
	return report_failure(o, STATUS_UNREADABLE, why);
}

static bool set_span(struct film_conf *c, const struct film_plan *p, const struct film_options *f)
{
	int64_t length_us = p->until_us - p->from_us;
	c->view = (struct film_view){ f->width, f->height, f->is_speaker };
	c->from_us = p->from_us + f->from_us;
	c->until_us = f->to_us < length_us ? p->from_us + f->to_us : p->until_us;
	return c->from_us < c->until_us;
}

static enum status write_film(const struct options *o, const struct film_options *f,
	struct film_plan *p, const struct film_conf *c)
{
	char why[WHY];
	struct output *to = output_open(o->out, o->force, why, sizeof why);
	struct film_out_conf conf = { .is_webm = f->is_webm,
		.width = f->width,
		.height = f->height,
		.rate = f->rate,
		.title = c->card ? c->card : p->index.title,
		.began_us = p->index.began_us };
	struct film_out *film = NULL;
	uint64_t bytes = 0;
	bool good;
	if (!to)
		return report_failure(o, STATUS_UNWRITTEN, why);
	conf.file = output_file(to);
	film = film_out_new(&conf, why, sizeof why);
	good = film && film_make(p, c, film, f->rate) && !stop_wanted();
	if (film && !good)
		film_out_error(film, why, sizeof why);
	film_out_free(film);
	bytes = (uint64_t)rec_file_size(conf.file);
	if (!output_end(to, good, why, sizeof why) || !good)
		return report_failure(o, STATUS_UNWRITTEN, why);
	progress_end();
	return report(o, f, p, c, bytes);
}

static enum status compose(
	const struct options *o, const struct film_options *f, struct film_plan *p)
{
	char title[TITLE_MAX], date[64] = "";
	struct film_conf c = { .card_line = date };
	if (stop_wanted())
		return STATUS_STOPPED;
	if (!p->clips->len)
		return nothing(o, p);
	if (!set_span(&c, p, f))
		return report_failure(o, STATUS_USAGE, "compose: the call has ended before --from");
	if (o->title && *o->title) {
		utf8_printable(title, sizeof title, o->title);
		c.card = title;
	}
	if (p->index.began_us > 0)
		words_time(date, sizeof date, p->index.began_us);
	if (!label_has_font())
		film_plan_leave_out(p, "names",
			"there is no font here to write them with (fonts-dejavu-core is one)");
	return write_film(o, f, p, &c);
}

enum status command_compose(const struct options *o)
{
	struct film_options f;
	struct film_plan *p;
	enum status s;
	char why[WHY];
	if (!film_options_read(&f, o, why, sizeof why)) {
		options_complain("%s; see --help", why);
		return STATUS_USAGE;
	}
	progress_begin(o->out, o->quiet);
	if (!(p = film_plan_new(o->files, o->n_files, why, sizeof why)))
		return report_failure(o, STATUS_UNREADABLE, why);
	s = compose(o, &f, p);
	film_plan_free(p);
	return s;
}
