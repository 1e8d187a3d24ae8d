/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** @file
 * The index of a room's recording (docs/recording.md): who was there, when, and in which file. Read
 * with care: whatever it says lies within bounds afterwards. Times count from its beginning. */
#define FILM_MAX_BYTES  (64 << 20) /* of an index */
#define FILM_MAX_PEOPLE 20000
#define FILM_MAX_FILES  20000
#define FILM_MAX_TURNS  40000
#define FILM_MAX_US     (INT64_C(7) * 24 * 3600 * 1000000)
#define FILM_NOT_TOLD   (-1)

struct film_person {
	char *id, *name;           /* name: what is shown, UTF-8 */
	int64_t from_us, until_us; /* FILM_NOT_TOLD */
};
struct film_file {
	char *name;      /* from the folder of the index, and in it */
	unsigned person; /* of `people` */
	bool is_screen, is_mjr;
	int64_t at_us; /* of its first frame */
};
struct film_turn {
	int64_t at_us;
	unsigned person;
	bool talks; /* from now on, or no more */
};
struct film_index {
	char *title;      /* NULL: none */
	int64_t began_us; /* Unix time; 0: not told */
	struct film_person *people;
	struct film_file *files; /* media alone, no messages */
	struct film_turn *turns; /* in order of time */
	unsigned n_people, n_files, n_turns;
	bool is_incomplete; /* by its own word */
};

/** @return false: @p why, a sentence; nothing is to be freed */
bool film_index_read(struct film_index *x, const char *text, size_t len, char *why, size_t size);
/** Nobody, and nothing, yet. */
void film_index_init(struct film_index *x);
/** Takes @p id and @p name. @return index in `people` */
unsigned film_index_add_person(struct film_index *x, char *id, char *name);
struct film_file *film_index_add_file(struct film_index *x, const char *name, unsigned person);
void film_index_free(struct film_index *x);
