/* SPDX-License-Identifier: Apache-2.0 */
/* A file as the index of a room's recording: what is read lies within the bounds that a film is
 * made by. */
#include "fuzz.h"
#include <stdlib.h>
#include <string.h>
#include "../../tools/cardea-rec/compose/film_index.h"

static void time_is_good(int64_t us)
{
	must(us >= 0 && us <= FILM_MAX_US);
}

static void check(const struct film_index *x)
{
	must(x->n_people <= FILM_MAX_PEOPLE && x->n_files <= FILM_MAX_FILES);
	for (unsigned i = 0; i < x->n_people; i++) {
		must(x->people[i].id && x->people[i].name);
		must(x->people[i].from_us == FILM_NOT_TOLD || x->people[i].from_us >= 0);
		must(x->people[i].until_us <= FILM_MAX_US);
	}
	for (unsigned i = 0; i < x->n_files; i++) {
		const char *name = x->files[i].name;
		must(x->files[i].person < x->n_people && *name && *name != '/');
		must(strncmp(name, "../", 3) != 0 && !strstr(name, "/../"));
		time_is_good(x->files[i].at_us);
	}
	for (unsigned i = 0; i < x->n_turns; i++) {
		must(x->turns[i].person < x->n_people);
		time_is_good(x->turns[i].at_us);
		must(!i || x->turns[i].at_us >= x->turns[i - 1].at_us);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct film_index x;
	char why[256] = "";
	if (!film_index_read(&x, (const char *)data, size, why, sizeof why)) {
		must(*why);
		return 0;
	}
	check(&x);
	film_index_free(&x);
	return 0;
}
