/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "../options.h"

/** @file
 * What the command line says of a film, checked. */
struct film_options {
	int width, height, rate;
	bool is_speaker, is_webm;
	int64_t from_us, to_us; /**< of the film's time; to_us INT64_MAX: all */
};
/** @return false: @p why says which option is wrong, and what it may be */
bool film_options_read(struct film_options *f, const struct options *o, char *why, size_t size);
/** "90", "1:30", "1:02:03.5" as µs. @return false: it is no time below a week */
bool film_options_time(const char *text, int64_t *us);
