/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <cardea/plugin.h>

/** @file
 * A handle, in a room or not, and how its client is told something: by a plain message, or by an
 * event of the session API. Rooms (room.h) and messages (mesh.c) both stand on it. Control
 * thread. */

struct room; /* room.h */

struct member {
	struct cardea_handle *handle;
	char *id;          /**< in its room */
	struct room *room; /**< NULL: none */
	/** who waits for this one's place; whose place it waits for */
	struct member *claimant, *holder;
	char *transaction; /**< of a join through the session API that is not decided yet */
};

/** Tell @p m, in the manner of its connection. @param message {"type": …}, taken */
void member_tell(struct member *m, json_t *message);
/** The same message as the data of an event; new reference. */
json_t *member_event(const json_t *message);
/** Tell it of an error, on a direct connection. */
void member_tell_error(struct member *m, const struct cardea_error *e);
/** An error as the data of an event or answer; new reference. */
json_t *member_error(const struct cardea_error *e);
/** Its join is decided. @p e NULL: it is in its room; else why it is not. */
void member_join_done(struct member *m, const struct cardea_error *e);
