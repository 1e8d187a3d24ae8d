/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "room.h"

/** @file
 * A stream of a publisher that somebody wants to receive, checked: what the entries of a
 * subscription mean. Under subscription.h. */

struct wanted {
	struct publisher *feed;
	unsigned mindex;
	struct cardea_args args; /**< the entry it came from */
};
/** Check one entry of a subscription and append what it means: one stream, or all of a feed. No
 *  list is longer than a description may be. */
bool wanted_add(
	GArray *out, struct room *r, const struct cardea_args *entry, struct cardea_error *e);
/** The same for a whole list of entries (borrowed while `out` is used). */
bool wanted_list(GArray *out, struct room *r, const json_t *list, struct cardea_error *e);
/** What is encrypted end to end and what is not do not go by one connection: its far end could not
 *  tell them apart. @return false with @p e filled: 438 */
bool wanted_has_e2ee(const GArray *wanted, bool e2ee, struct cardea_error *e);
/** A subscription would have more m-lines than it may. @return false with @p e filled: 430 */
bool wanted_too_many(struct cardea_error *e);
