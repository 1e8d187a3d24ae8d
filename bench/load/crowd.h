/* SPDX-License-Identifier: Apache-2.0 */
/** Everybody who takes part in a scenario. */
#ifndef LOAD_CROWD_H
#define LOAD_CROWD_H
#include "client.h"

extern struct handle **crowd; /**< All handles but the one that made the room. */
extern int n_crowd;

struct client *crowd_client(void);
/** A handle of @p c, or of a new client when that is NULL; at most opt.ramp are on their way at
 *  once. */
struct handle *crowd_add(struct client *c, enum part part, struct handle **feeds, int n_feeds);
void crowd_room(void); /**< Make opt.room. */
int crowd_pending(void);
void crowd_wait(void);     /**< Until all are up; ends the program when some do not come up. */
void crowd_sessions(void); /**< Until every client has its session. */
void crowd_leave(void);    /**< All sessions and WebSockets end; another crowd may come. */
#endif
