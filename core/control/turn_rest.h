/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <jansson.h>

/** @file
 * TURN credentials from a TURN REST backend, for ice_servers.c. The backend is asked on a pool
 * thread, once at start and then when somebody wants credentials and those at hand are not fresh;
 * one answer serves all. Fresh is a tenth of its ttl, a minute at most; until half of it the old
 * answer is given while a new one is fetched. Control thread. */
struct turn_rest_conf {
	const char *url;  /**< NULL: there is none */
	const char *key;  /**< NULL: none */
	const char *name; /**< the username that it is asked for */
	bool is_get;
	unsigned timeout_s;
};

/** @param conf borrowed
 *  @param settled is called whenever the backend has answered, or failed to */
void turn_rest_start(const struct turn_rest_conf *conf, void (*settled)(void));
/** A fetch that is under way is broken off; work_stop() waits for that. */
void turn_rest_stop(void);
/** Members `username`, `password`, `ttl` (what is left of it) and `uris`; new reference. NULL:
 *  there are none now. */
json_t *turn_rest_credentials(void);
/** Is the backend being asked? */
bool turn_rest_is_asking(void);
