/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "room.h"

/** @file
 * How a participant shows itself to others: display and metadata, with their share of what a room
 * keeps. Above room.h. */

/** bytes of all in a room: who joins is told all of them at once */
#define ROOM_DISPLAY_MAX (2 << 20)

/** Does what a request brings fit in? @param p NULL: a newcomer's  @return false with @p e filled:
 *  430 */
bool display_fits(const struct room *r, const struct publisher *p, const struct cardea_args *args,
	struct cardea_error *e);
/** Take it; what the request does not give stays. */
void display_set(struct publisher *p, const struct cardea_args *args);
/** Add display and metadata, those that there are. */
void display_json(json_t *j, const struct publisher *p);
