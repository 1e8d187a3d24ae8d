/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "film_out.h"
#include "film_scene.h"

/** @file
 * A film is made: for each moment the pictures and sounds of it, composed and encoded. What is open
 * at a time is what plays at that time. */
struct film_conf {
	struct film_view view;
	int64_t from_us, until_us; /* of the plan */
	const char *card;          /* shown at the beginning; NULL: none */
	const char *card_line;     /* below it; may be empty */
};
#define FILM_CARD_US 3000000

/** Write all of it. Files that cannot be read are left out, and told the plan.
 *  @return false: stopped, or film_out_error() */
bool film_make(
	struct film_plan *plan, const struct film_conf *conf, struct film_out *out, int rate);
