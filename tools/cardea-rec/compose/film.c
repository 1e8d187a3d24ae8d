/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "../progress.h"
#include "film.h"
#include "picture_in.h"
#include "sound_in.h"
#include "stage.h"

#define US INT64_C(1000000)

/* What is open of a clip. */
struct playing {
	struct picture_in *picture;
	struct sound_in *sound;
	bool has_tried_picture, is_over;
};

struct film {
	struct film_plan *plan;
	const struct film_conf *conf;
	struct film_out *out;
	int rate;
	struct playing *playing; /* of each clip */
	unsigned first,
		next; /* clips: all before `first` are over, none from `next` on has begun */
	struct stage *stage;
	struct film_scene scene;
	float *sound;
	int64_t total; /* pictures, with those of the card */
	int64_t done;
};

static unsigned samples_of(int64_t picture, int rate)
{
	return (unsigned)((picture + 1) * SOUND_HZ / rate - picture * SOUND_HZ / rate);
}

/* ---- clips ---- */

static void end_clip(struct playing *p)
{
	picture_in_close(p->picture);
	sound_in_close(p->sound);
	*p = (struct playing){ .is_over = true };
}

static void begin_sound(struct film *f, unsigned i, int64_t us)
{
	const struct film_clip *c = film_plan_clip(f->plan, i);
	int64_t from_us = us > c->from_us ? us - c->from_us : 0;
	char why[1024];
	if (!c->has_sound)
		return;
	f->playing[i].sound =
		sound_in_open(c->path, from_us * (SOUND_HZ / 1000) / 1000, why, sizeof why);
	if (!f->playing[i].sound)
		film_plan_leave_out(f->plan, c->path, why);
}

/* Open what begins before the end of this picture, close what is over. */
static void turn_clips(struct film *f, int64_t us)
{
	for (; f->next < f->plan->clips->len; f->next++) {
		const struct film_clip *c = film_plan_clip(f->plan, f->next);
		if (c->from_us > us + US / f->rate)
			break;
		if (c->until_us > us)
			begin_sound(f, f->next, us);
	}
	for (unsigned i = f->first; i < f->next; i++)
		if (!f->playing[i].is_over && film_plan_clip(f->plan, i)->until_us <= us)
			end_clip(&f->playing[i]);
	while (f->first < f->next && f->playing[f->first].is_over)
		f->first++;
}

/* Opened when it is seen first: what nobody sees is not decoded. */
static const AVFrame *picture_of(struct film *f, unsigned i, int64_t us)
{
	const struct film_clip *c = film_plan_clip(f->plan, i);
	struct playing *p = &f->playing[i];
	int64_t in_us = us - c->from_us + US / 2 / f->rate; /* the nearest one */
	char why[1024];
	if (!p->has_tried_picture) {
		p->has_tried_picture = true;
		p->picture = picture_in_open(c->path, c->is_screen, in_us, why, sizeof why);
		if (!p->picture)
			film_plan_leave_out(f->plan, c->path, why);
	}
	return p->picture ? picture_in_at(p->picture, in_us) : NULL;
}

/* ---- a moment ---- */

static bool is_same(const struct film_scene *a, const struct film_scene *b)
{
	for (unsigned i = 0; a->n == b->n && i < a->n; i++) {
		const struct film_tile *s = &a->tiles[i], *t = &b->tiles[i];
		if (s->person != t->person || s->clip != t->clip || s->is_screen != t->is_screen ||
			s->is_speaker != t->is_speaker ||
			memcmp(&s->box, &t->box, sizeof s->box) != 0)
			return false;
	}
	return a->n == b->n;
}

static void set_scene(struct film *f, int64_t us)
{
	struct film_scene now;
	if (us < f->scene.until_us)
		return;
	film_scene_at(&now, f->plan, &f->conf->view, us);
	if (!is_same(&now, &f->scene))
		stage_set(f->stage, &now);
	f->scene = now;
}

static bool put_picture(struct film *f, int64_t us)
{
	set_scene(f, us);
	for (unsigned i = 0; i < f->scene.n; i++) {
		int clip = f->scene.tiles[i].clip;
		stage_show(f->stage, i, clip >= 0 ? picture_of(f, (unsigned)clip, us) : NULL);
	}
	return film_out_picture(f->out, stage_picture(f->stage));
}

/* @param from samples since the film's beginning in the plan's time */
static bool put_sound(struct film *f, int64_t from, unsigned n)
{
	memset(f->sound, 0, 2 * n * sizeof *f->sound);
	for (unsigned i = f->first; i < f->next; i++) {
		int64_t at = from - film_plan_clip(f->plan, i)->from_us * (SOUND_HZ / 1000) / 1000;
		int64_t skipped = at < 0 ? -at : 0;
		if (f->playing[i].sound && skipped < n)
			sound_in_add(f->playing[i].sound, at + skipped, n - (unsigned)skipped,
				f->sound + 2 * skipped);
	}
	return film_out_sound(f->out, f->sound, (int)n);
}

static bool tell(struct film *f)
{
	return progress_show(NULL, (double)++f->done / (double)f->total);
}

static bool make_card(struct film *f)
{
	int64_t n = f->conf->card ? FILM_CARD_US * f->rate / US : 0;
	if (n)
		stage_card(f->stage, f->conf->card, f->conf->card_line);
	for (int64_t i = 0; i < n; i++) {
		unsigned samples = samples_of(i, f->rate);
		memset(f->sound, 0, 2 * samples * sizeof *f->sound);
		if (!film_out_picture(f->out, stage_picture(f->stage)) ||
			!film_out_sound(f->out, f->sound, (int)samples) || !tell(f))
			return false;
	}
	return true;
}

static bool make_all(struct film *f)
{
	int64_t from = f->conf->from_us * (SOUND_HZ / 1000) / 1000;
	int64_t n = (f->conf->until_us - f->conf->from_us) * f->rate / US;
	f->total = n + (f->conf->card ? FILM_CARD_US * f->rate / US : 0);
	if (!make_card(f))
		return false;
	stage_set(f->stage, &f->scene);
	for (int64_t i = 0; i < n; i++) {
		int64_t us = f->conf->from_us + i * US / f->rate;
		turn_clips(f, us);
		if (!put_picture(f, us) ||
			!put_sound(f, from + i * SOUND_HZ / f->rate, samples_of(i, f->rate)) ||
			!tell(f))
			return false;
	}
	return film_out_end(f->out);
}

bool film_make(struct film_plan *plan, const struct film_conf *conf, struct film_out *out, int rate)
{
	struct film f = { .plan = plan, .conf = conf, .out = out, .rate = rate };
	bool good;
	f.scene.until_us = INT64_MIN;
	f.playing = g_new0(struct playing, plan->clips->len + 1);
	f.sound = g_new(float, 2 * (SOUND_HZ / (unsigned)rate + 1));
	f.stage = stage_new(plan, conf->view.width, conf->view.height);
	good = f.stage && make_all(&f);
	for (unsigned i = 0; i < plan->clips->len; i++)
		end_clip(&f.playing[i]);
	stage_free(f.stage);
	g_free(f.playing);
	g_free(f.sound);
	return good;
}
