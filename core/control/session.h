/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <cardea/transport.h>
#include "../base/err.h"
#include "../base/wheel.h"

/** @file
 * Sessions: a client's presence, owned by one connection at a time. Requests make, find and end
 * them; what hangs on them is called by ops. Control thread. */
struct cardea_handle;
struct loop;

struct session {
	uint64_t id;
	struct cardea_origin owner;              /**< transport NULL: the connection is gone */
	struct session *next_owned, *prev_owned; /**< other sessions of the same connection */
	struct cardea_address creator; /**< whom it counts for, whoever claims it, until it ends */
	int64_t active_us;             /**< last request that named it */
	int timeout_s;                 /**< its own; -1: the general one */
	bool dying;                    /**< nothing is sent any more */
	struct wheel_timer expiry;
	GHashTable *handles; /**< id → struct cardea_handle */
};

/** What hangs on sessions; set by the layer above. */
struct session_ops {
	void (*timed_out)(struct session *s); /**< It is about to end: tell its client. */
	void (*end)(struct session *s);       /**< End its handles: it is going. */
	void (*renew)(struct session *s);     /**< Its handles begin anew. */
};

void sessions_start(struct loop *loop, const struct session_ops *ops);
void sessions_stop(void); /**< Ends all of them. */

/** @param out stays owned by this module
 *  @param id wanted, 0: chosen here; not in use (see session_find())
 *  @param why 128 bytes: for the client, on failure
 *  @return ERR_FULL: max_sessions are there, or as many as one address may have */
enum err session_create(
	struct session **out, uint64_t id, const struct cardea_origin *owner, char *why);
/** End it and its handles, without a word to the client. Not inside a hook. */
void session_destroy(struct session *s);
struct session *session_find(uint64_t id); /**< NULL: no such */
void session_touch(struct session *s);     /**< Restart its activity timer. */
/** Make @p to the owner; the same connection again changes nothing. */
void session_claim(struct session *s, const struct cardea_origin *to);
/** Seconds without activity that it survives; 0: any. */
unsigned session_timeout(const struct session *s);
void session_set_timeout(struct session *s, int timeout_s); /**< -1: as in general */
/** The general timeouts have changed. */
void sessions_rearm(void);
/** A connection is gone: its sessions end, or wait for a claim; after a goodbye with handles that
 *  start anew. */
void sessions_orphan(const struct cardea_transport *t, uint64_t client, bool said_goodbye);
/** The transport's threads are over: nothing may be sent to it. */
void sessions_disown(const struct cardea_transport *t);
json_t *sessions_list(void); /**< array of ids, new reference */
unsigned sessions_count(void);
