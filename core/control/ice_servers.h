/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>
#include <jansson.h>
#include "turn_rest.h"

/** @file
 * The STUN and TURN servers that clients are told of: those of the configuration with credentials
 * made for each client, or those that a TURN REST backend (turn_rest.c) names. turn_page.c and the
 * SDK hand them out. Control thread. */

/** Borrowed from the configuration. */
struct ice_servers_conf {
	const json_t *stun, *turn; /**< arrays of URIs, checked; NULL: none */
	const char *secret;        /**< shared with the TURN server; NULL: none … */
	unsigned ttl_s;
	const char *user, *password; /**< … but fixed credentials */
	unsigned requests_per_s;     /**< of /turn, from one address */
	struct turn_rest_conf rest;  /**< its url is NULL where `turn` is not */
};

#define ICE_USER_MAX 64

void ice_servers_start(const struct ice_servers_conf *conf);
void ice_servers_stop(void);
/** May a client choose this name for the second part of its username? Any thread. */
bool ice_servers_user_ok(const char *user);
/** `iceServers`, an array for RTCPeerConnection; beside it `username`, `password`, `ttl` and
 *  `uris`, where there are TURN servers now. @param user NULL: a random one @return new
 *  reference */
json_t *ice_servers_answer(const char *user);
/** Are TURN credentials awaited from the backend, and none are there? Then call @p fn once,
 *  soon. */
bool ice_servers_await(void (*fn)(void));
/** Credentials as the TURN REST draft makes them, as of @p now_s seconds since the epoch. @return
 *  new reference */
json_t *ice_servers_sign(const struct ice_servers_conf *conf, const char *user, int64_t now_s);
/** One line for people on what is configured, without secrets. */
void ice_servers_describe(const struct ice_servers_conf *conf, char out[160]);
