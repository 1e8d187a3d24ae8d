/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "room.h"

/** @file
 * All rooms: making one, within how many there may be, and finding it. Above room.h; ending one is
 * in room_end.h, above the publishers and subscribers that it ends for. */

extern const char *admin_key; /**< NULL: anybody may create rooms */
extern unsigned max_rooms;    /**< that there may be, once those of the configuration are made */

void rooms_start(void);
void rooms_stop(void);
/** Make a room. @param by NULL: the configuration or the operator @param id NULL: random. @return
 *  NULL with @p e filled: 427, 430, 499 there are too many. */
struct room *room_create(const struct cardea_handle *by, const json_t *id,
	const struct cardea_args *args, struct cardea_error *e);
/** Take it out of the table; it is the caller's to free. */
void rooms_remove(struct room *r);

/** @return NULL with @p e filled: 426. */
struct room *room_find(const json_t *id, struct cardea_error *e);
GHashTable *rooms_table(void); /**< id text → struct room */
