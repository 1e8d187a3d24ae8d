/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "film_index.h"

/** @file
 * What a film can be made of: the files that are there and can be read, who is seen from when to
 * when, who speaks. Times count from the index's beginning. */
struct film_clip {
	char *path;
	unsigned person;
	bool is_screen, has_picture, has_sound;
	int64_t from_us, until_us;
};
struct film_speaker {
	int64_t from_us;
	unsigned person;
};
struct film_left_out {
	char *file, *why;
};

struct film_plan {
	struct film_index index;
	GArray *clips;    /* struct film_clip, by from_us */
	GArray *speakers; /* struct film_speaker: who is the speaker from when on */
	GArray *left_out; /* struct film_left_out: files, or a part of one */
	int64_t from_us, until_us;
};
static inline const struct film_clip *film_plan_clip(const struct film_plan *p, unsigned i)
{
	return &g_array_index(p->clips, struct film_clip, i);
}

/** @param files an index alone, or media files. @param why a sentence. @return NULL: why */
struct film_plan *film_plan_new(const char *const *files, unsigned n, char *why, size_t size);
/** A file, or a part of it, will not be in the film. */
void film_plan_leave_out(struct film_plan *p, const char *file, const char *why);
void film_plan_free(struct film_plan *p);
