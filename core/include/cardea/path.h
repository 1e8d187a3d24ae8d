/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <cardea/json.h>

/** @file
 * HTTP paths: a protocol of the plugin's own on requests (WHIP is one). Control thread. */
struct cardea_handle;

/** A request. Borrowed until the hook returns; texts are never NULL, but empty when absent. */
struct cardea_path_request {
	size_t size;
	uint64_t id;        /**< for cardea_path_answer(): never reused, never 0 */
	const char *method; /**< "GET", "POST", … */
	const char *path;   /**< behind the prefix, decoded: "" or "/…" */
	const char *query;  /**< "a=b&c=d", as received: see cardea_web_query() */
	const char *ip;     /**< of the client, also behind a proxy of web.trusted_proxies */
	const char *origin, *authorization, *content_type;
	bool secure;      /**< it came by TLS */
	const char *body; /**< NUL-terminated behind @p body_len */
	size_t body_len;
};
/** Where and how. Unset members are 0. Texts must outlive the server. */
struct cardea_path {
	size_t size;
	const char *prefix; /**< "/whip", on the ports of `web`: all that is at or below it */
	/** "GET, POST": others are answered with 405, and OPTIONS with these */
	const char *methods;
	/** origins that may read the answers, or "*"; NULL: as web.allow_origin */
	const char *allow_origin;
	/** an unanswered request is answered with 504 after so many milliseconds; 0: 10,000 */
	unsigned timeout_ms;
	/** Answer now or later with cardea_path_answer(). */
	void (*request)(const struct cardea_path_request *r);
	/** A request is over, answered or not: its id means nothing any more. NULL: nobody asks */
	void (*gone)(uint64_t id);
};
/** Serve a path, from a start hook. A plugin that is loaded again has it already: its hooks are
 *  the new ones, and all else stays as it was. What is too much for the server is answered with
 *  503, and not passed on.
 *  @return NULL, or why not */
CARDEA_API const char *cardea_path(const struct cardea_path *where);
/** Answer a request. Ids that mean nothing (any more) are fine.
 *  @param headers "Name: value\r\n" lines; NULL: none. Content-Length, Date and those of CORS are
 *  added
 *  @param type Content-Type, NULL: none
 *  @param body borrowed, of @p len bytes; NULL: empty */
CARDEA_API void cardea_path_answer(uint64_t id, int status, const char *headers, const char *type,
	const void *body, size_t len);
/** The same with JSON. @param json taken */
CARDEA_API void cardea_path_answer_json(uint64_t id, int status, const char *headers, json_t *json);
/** Have a handle for the client of a request, as that of a direct endpoint (cardea_is_direct(),
 *  cardea_take_jsep(), cardea_describe(), cardea_trickle()), which nobody can be told anything on:
 *  `attach` is called for it. It counts for the client's address, and lasts until cardea_end().
 *  @return NULL with @p e filled: 503, there are too many, or attach has refused */
CARDEA_API struct cardea_handle *cardea_path_handle(
	const struct cardea_path_request *r, struct cardea_error *e);
