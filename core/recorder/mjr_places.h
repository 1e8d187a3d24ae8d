/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "mjr.h"

/** @file
 * Where to begin in an MJR file that has no index: places that were seen when it was read through,
 * some hundred however large it is, so that a seek reads little of it. */
#define MJR_PLACES 256 /**< at most: then every other one goes, and they are twice as far apart */

/** The clock of a track: its timestamps, as times since its first packet. */
struct mjr_clock {
	bool has_ts;
	uint32_t ts, gen; /**< of the newest */
	int64_t at_us;    /**< likewise */
	int64_t ticks;    /**< of it, since the first */
};

/** A place at which nothing is half read. */
struct mjr_place {
	struct mjr_mark mark;
	struct mjr_clock clock;
	int64_t before_us; /**< nothing that stands before it is later than that */
};

/** Zeroed: none. */
struct mjr_places {
	struct mjr_place *all;
	unsigned n, size;
	uint64_t step; /* bytes between two of them, at least */
};
void mjr_places_free(struct mjr_places *p);
/** The first is noted whatever it is. No memory: it is left out. */
void mjr_places_note(struct mjr_places *p, const struct mjr_place *place);
/** @return the last before which nothing of @p us stands, or later; the first if there is none.
 *  NULL: there are none at all */
const struct mjr_place *mjr_places_before(const struct mjr_places *p, int64_t us);
