/* SPDX-License-Identifier: Apache-2.0 */
#include "mjr_places.h"
#include <stdlib.h>

#define STEP (256u << 10) /* bytes: a reader has so much at once, and is through it soon */

void mjr_places_free(struct mjr_places *p)
{
	free(p->all);
	*p = (struct mjr_places){ 0 };
}

static bool make_room(struct mjr_places *p)
{
	unsigned size = p->size ? 2 * p->size : 4;
	struct mjr_place *more;
	if (p->n < p->size)
		return true;
	if (!(more = realloc(p->all, size * sizeof *more)))
		return false;
	p->all = more;
	p->size = size;
	return true;
}

static void thin_out(struct mjr_places *p)
{
	for (unsigned i = 1; 2 * i < p->n; i++)
		p->all[i] = p->all[2 * i];
	p->n = (p->n + 1) / 2;
	p->step *= 2;
}

void mjr_places_note(struct mjr_places *p, const struct mjr_place *place)
{
	if (!p->n)
		p->step = STEP;
	else if (place->mark.at < p->all[p->n - 1].mark.at + p->step)
		return;
	if (p->n == MJR_PLACES)
		thin_out(p);
	if (make_room(p))
		p->all[p->n++] = *place;
}

const struct mjr_place *mjr_places_before(const struct mjr_places *p, int64_t us)
{
	const struct mjr_place *best = p->all;
	for (unsigned i = 1; i < p->n && p->all[i].before_us < us; i++)
		best = &p->all[i];
	return best;
}
