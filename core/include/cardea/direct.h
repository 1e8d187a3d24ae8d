/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/json.h>
#include <cardea/media.h>

/** @file
 * Direct endpoints: a protocol of the plugin's own on a bare WebSocket. Control thread. */
struct cardea_handle;
struct cardea_plugin;

/** One text message on a direct endpoint. Borrowed until the hook returns. */
struct cardea_direct_message {
	size_t size;
	const char *text; /**< NUL-terminated behind @p len */
	size_t len;
	const json_t *json; /**< the message as JSON; NULL: it is none … */
	const char *why;    /**< … because of this */
};

/** Where they are served. Unset members are 0. */
struct cardea_direct {
	size_t size; /**< sizeof(struct cardea_direct) */
	/** "/mesh", on the ports of `web`; NULL: not there. Static text */
	const char *path;
	unsigned port, secure_port; /**< ports of its own, where any path will do; 0: none */
	/** address or interface to bind these to; NULL: all. Must outlive the server */
	const char *ip;
	/** a second that a client may send for long, five times as many at once; of large ones
	 *  fewer. What is more is answered by {"type":"error","code":429,"reason":…} and not passed
	 *  on; who goes on all the same is closed (1008). 0: 100 */
	unsigned messages;
	/** silence before a ping, and before the connection is given up; 0: never */
	unsigned ping_after_s, ping_timeout_s;
	/** the options that name the ports, of cardea_conf_where(); NULL: not known */
	const char *port_from, *secure_port_from;
};
/** Bind a WebSocket endpoint to this plugin, from its start hook. One that is loaded again has
 *  those that it had, as they were. A connection is a session with
 *  one handle: `attach` is called when it opens, `direct_message` for each of its messages,
 *  `detach` when it is gone. Where the API asks for a secret or a token, they come with the
 *  address: "/mesh?token=…".
 *  @return NULL, or why not */
CARDEA_API const char *cardea_direct(
	const struct cardea_plugin *self, const struct cardea_direct *where);
/** Is it a direct connection's? cardea_event() has no effect there. */
CARDEA_API bool cardea_is_direct(const struct cardea_handle *h);
/** Another handle of the same connection, for another PeerConnection: `attach` is called for it,
 *  `direct_message` is not. It ends by cardea_end() or with the connection. @return NULL with @p e
 *  filled */
CARDEA_API struct cardea_handle *cardea_extra_handle(
	struct cardea_handle *direct, struct cardea_error *e);
/** Take in the client's description {"type", "sdp"} for a direct handle: an offer waits for
 *  cardea_describe(), an answer is in force at once. Only inside a hook. @return
 *  borrowed until that returns; NULL with @p e filled, its code of the API: 469 an answer that
 *  nobody waits for, 490 the server is overloaded, others for what the description lacks */
CARDEA_API const struct cardea_desc *cardea_take_jsep(
	struct cardea_handle *direct, const json_t *jsep, struct cardea_error *e);
/** Set up or change the PeerConnection of a direct handle by an answer or offer of the plugin's, as
 *  cardea_event() does.
 *  @param desc taken  @return {"type", "sdp"} to be sent to the client, new reference; NULL with @p
 *  e filled, likewise */
CARDEA_API json_t *cardea_describe(
	struct cardea_handle *direct, struct cardea_desc *desc, struct cardea_error *e);
/** A candidate of the client's for the PeerConnection: an object; anything else: there are no more.
 *  @return false with @p e filled */
CARDEA_API bool cardea_trickle(
	struct cardea_handle *direct, const json_t *candidate, struct cardea_error *e);
/** Send a message to the client of a direct handle, as it is. @param message taken */
CARDEA_API void cardea_direct_send(struct cardea_handle *h, json_t *message);
/** The same to several, printed once; those that are not direct are passed over. */
CARDEA_API void cardea_direct_send_all(
	struct cardea_handle *const *to, unsigned n, json_t *message);
/** The `type` of a message, for protocols whose every message is a JSON object with one. @param
 *  max bytes
 *  @return borrowed, or NULL with @p e filled: 413 it is longer, 400 it is no JSON or has no
 *  type */
CARDEA_API const char *cardea_direct_type(
	const struct cardea_direct_message *what, size_t max, struct cardea_error *e);
#define CARDEA_DIRECT_ID 128 /**< bytes of an id at most */
/** Read a member that names something: a text, not empty, or a number, which is as good as its
 *  digits.
 *  @return false with @p e filled (400) */
CARDEA_API bool cardea_direct_id(const json_t *message, const char *name,
	char out[CARDEA_DIRECT_ID + 1], struct cardea_error *e);
/** Read a member that may be absent (NULL) and else is a text of at most @p max bytes. @param out
 *  borrowed from @p message
 *  @return false with @p e filled (400) */
CARDEA_API bool cardea_direct_text(const json_t *message, const char *name, size_t max,
	const char **out, struct cardea_error *e);
/** What cardea_probe() knows of a client. */
enum cardea_presence {
	CARDEA_ABSENT,  /**< its session waits for a client to claim it */
	CARDEA_PRESENT, /**< a client of the API */
	CARDEA_ASKED,   /**< direct: `alive` follows, or `detach` */
};
/** Is the client there? A direct one is asked by a ping, and ended when nothing has come from it in
 *  @p timeout_ms since it was asked first. */
CARDEA_API enum cardea_presence cardea_probe(struct cardea_handle *h, unsigned timeout_ms);
/** cardea_end(), with a close code of RFC 6455 for the connection of a direct handle: 1008 for
 *  abuse. */
CARDEA_API void cardea_end_with(struct cardea_handle *h, unsigned code);
