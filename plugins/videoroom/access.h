/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "room.h"

/** @file
 * Who may come into a room, manage it, and know who is in it. Whatever leads into a room asks here
 * first, before it tells anything of the room. Above room.h, below the requests. */

/** What somebody who wants to come in gives. */
struct credentials {
	const char *pin, *token; /**< NULL: not given */
};
/** May it come in? In this order: a token signed for the room, the PIN, and (who publishes only) a
 *  token of the room's list.
 *  @return false with @p e filled: 429, 433 */
bool room_admits(const struct room *r, const struct credentials *given, bool publishes,
	struct cardea_error *e);
/** May who asks know who is in the room? Where not all may come in, only who is in, could come in,
 *  or manages it. */
bool room_shows(const struct room *r, const struct cardea_call *c);
/** Has a subscriber to give the private_id of somebody in the room, and is this one? */
bool room_knows(const struct room *r, uint32_t private_id, struct cardea_error *e);

/** Has the request the room's secret, where there is one? */
bool room_secret_ok(const struct room *r, const struct cardea_args *args, struct cardea_error *e);
/** Is @p field of the request @p ours? Yes where that is NULL. @return false with @p e filled: 429,
 *  433 */
bool secret_ok(const char *ours, const struct cardea_args *args, const char *field,
	struct cardea_error *e);
