/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "film_layout.h"
#include "film_plan.h"

/** @file
 * Who is in the picture at a time, and where: the same until somebody comes, leaves, shares a
 * screen or begins to speak. */
struct film_tile {
	unsigned person;
	int clip; /* of the plan; < 0: there is no picture, the name alone is shown */
	bool is_screen, is_speaker;
	struct film_box box;
};
struct film_scene {
	struct film_tile tiles[FILM_TILES];
	unsigned n;
	unsigned unseen;  /* people who are there, and have no place */
	int64_t until_us; /* it is the same until then */
};

struct film_view {
	int width, height;
	bool is_speaker; /* the speaker large; else a grid */
};

void film_scene_at(
	struct film_scene *s, const struct film_plan *p, const struct film_view *v, int64_t us);
