/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "member.h"

/** @file
 * Rooms in which peers find each other. A room is there as long as somebody is in it, or the
 * configuration names it. Who takes an id that is taken already waits until its holder has been
 * asked whether it is still there. Above member.h, below mesh.c. Control thread. */

struct room {
	char *id, *pin;  /**< pin NULL: open */
	bool is_lasting; /**< of the configuration */
	bool needs_token;
	GHashTable *members; /**< id → struct member */
};

struct rooms_conf {
	unsigned max_rooms, max_peers; /**< peers of one room */
	bool needs_token;              /**< of rooms that the configuration does not name */
};
void rooms_start(const struct rooms_conf *conf);
void rooms_stop(void);
/** A room of the configuration. @param pin NULL: open */
void room_keep(const char *id, const char *pin, bool needs_token);

/** What a newcomer brings. */
struct join {
	const char *peer_id, *room_id;
	const char *pin, *token; /**< NULL: none */
};
enum join_result { JOIN_DONE, JOIN_WAITS, JOIN_FAILED };
/** Enter a room. On JOIN_WAITS member_join_done() says later what became of it. */
enum join_result room_join(struct member *m, const struct join *j, struct cardea_error *e);
/** Leave the room, or give up waiting; whoever waits for the place gets it. In none: nothing. */
void room_leave(struct member *m);
/** It has shown that it is there: who waits for its place waits in vain. */
void room_holder_is_there(struct member *m);
/** @return NULL with @p e filled: no such peer, or in another room */
struct member *room_find_peer(const struct member *from, const char *id, struct cardea_error *e);

/** Tell everybody in a room but @p except. */
void room_tell(const struct room *r, const struct member *except, json_t *message);
