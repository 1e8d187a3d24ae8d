/* SPDX-License-Identifier: Apache-2.0 */
#include "film_scene.h"

/* While a scene is looked for: those who are there, in the order in which they came. */
struct cast {
	const struct film_plan *plan;
	int64_t us;
	int *camera; /* of each person: clip, -1: none */
	bool *is_there;
	int screen; /* the clip that is large; -1: none */
	int speaker;
};

static void note(struct film_scene *s, const struct cast *c, int64_t us)
{
	if (us > c->us && us < s->until_us)
		s->until_us = us;
}

static void find_people(struct film_scene *s, struct cast *c)
{
	const struct film_index *x = &c->plan->index;
	for (unsigned i = 0; i < x->n_people; i++) {
		note(s, c, x->people[i].from_us);
		note(s, c, x->people[i].until_us);
		c->is_there[i] = x->people[i].from_us <= c->us && c->us < x->people[i].until_us;
		c->camera[i] = -1;
	}
}

static void find_clips(struct film_scene *s, struct cast *c)
{
	for (unsigned i = 0; i < c->plan->clips->len; i++) {
		const struct film_clip *clip = film_plan_clip(c->plan, i);
		note(s, c, clip->from_us);
		note(s, c, clip->until_us);
		if (!clip->has_picture || clip->from_us > c->us || c->us >= clip->until_us)
			continue;
		if (clip->is_screen)
			c->screen = (int)i;
		else
			c->camera[clip->person] = (int)i;
	}
}

static void find_speaker(struct film_scene *s, struct cast *c)
{
	const GArray *speakers = c->plan->speakers;
	for (unsigned i = 0; i < speakers->len; i++) {
		const struct film_speaker *one = &g_array_index(speakers, struct film_speaker, i);
		note(s, c, one->from_us);
		if (one->from_us <= c->us && c->is_there[one->person])
			c->speaker = (int)one->person;
	}
}

static void add(struct film_scene *s, const struct cast *c, unsigned person, int clip)
{
	bool is_screen = clip >= 0 && clip == c->screen;
	s->tiles[s->n++] = (struct film_tile){ .person = person,
		.clip = clip,
		.is_screen = is_screen,
		.is_speaker = !is_screen && (int)person == c->speaker };
}

/* Up to @p max in all; the speaker is among them. */
static void add_people(struct film_scene *s, const struct cast *c, unsigned max)
{
	unsigned first = s->n;
	for (unsigned i = 0; i < c->plan->index.n_people; i++) {
		bool is_large = s->n && !s->tiles[0].is_screen && s->tiles[0].person == i;
		if (!c->is_there[i] || is_large)
			continue;
		if (s->n < max) {
			add(s, c, i, c->camera[i]);
			continue;
		}
		s->unseen++;
		if ((int)i == c->speaker && first < max) {
			s->n--;
			add(s, c, i, c->camera[i]);
		}
	}
}

static int first_of(const struct cast *c)
{
	for (unsigned i = 0; i < c->plan->index.n_people; i++)
		if (c->is_there[i])
			return (int)i;
	return -1;
}

static void place(struct film_scene *s, const struct cast *c, const struct film_view *v)
{
	int large = c->speaker >= 0 ? c->speaker : first_of(c);
	bool is_strip = c->screen >= 0 || (v->is_speaker && large >= 0);
	if (c->screen >= 0)
		add(s, c, film_plan_clip(c->plan, (unsigned)c->screen)->person, c->screen);
	else if (is_strip)
		add(s, c, (unsigned)large, c->camera[large]);
	add_people(s, c, is_strip ? FILM_STRIP + 1 : FILM_TILES);
	for (unsigned i = 0; i < s->n; i++)
		s->tiles[i].box = is_strip ? film_layout_strip(v->width, v->height, s->n, i)
					   : film_layout_grid(v->width, v->height, s->n, i);
}

void film_scene_at(
	struct film_scene *s, const struct film_plan *p, const struct film_view *v, int64_t us)
{
	unsigned n = p->index.n_people + 1;
	g_autofree int *camera = g_new(int, n);
	g_autofree bool *is_there = g_new0(bool, n);
	struct cast c = { p, us, camera, is_there, -1, -1 };
	*s = (struct film_scene){ .until_us = INT64_MAX };
	find_people(s, &c);
	find_clips(s, &c);
	find_speaker(s, &c);
	place(s, &c, v);
}
