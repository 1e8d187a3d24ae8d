/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/json.h>
#include <cardea/media.h>

/** @file
 * Messages of clients and what they are answered; requests as tables. Messages and what they lend
 * live until the message hook returns. Control thread. */
struct cardea_handle;
struct cardea_message; /**< one request on a handle */

/** borrowed; an object */
CARDEA_API const json_t *cardea_body(const struct cardea_message *m);
CARDEA_API const char *cardea_transaction(const struct cardea_message *m); /**< borrowed */
/** The peer's description that came with the message, parsed; NULL when none did. Borrowed. */
CARDEA_API const struct cardea_desc *cardea_remote(const struct cardea_message *m);
/** Answer now: `success` with @p data (taken). NULL, which json_pack() gives for what is no UTF-8,
 *  is answered by API error 462; cardea_json_text() takes any text. */
CARDEA_API void cardea_reply(struct cardea_message *m, json_t *data);
/** The same, where in the place of the null that @p data ends with ({"list": null}) stands what is
 *  printed already: the JSON @p inner of @p len bytes (borrowed). For what is long and mostly the
 *  same each time. */
CARDEA_API void cardea_reply_around(
	struct cardea_message *m, json_t *data, const char *inner, size_t len);
/** Answer `ack`; an event with the message's transaction follows. */
CARDEA_API void cardea_ack(struct cardea_message *m);
/** Refuse for good: API error 462 with this text. For mistakes of a request use an event or reply
 *  with error_code. */
CARDEA_API void cardea_refuse(struct cardea_message *m, const char *reason);

/** Send an event to the handle's client.
 *  @param transaction of the request it answers, NULL: unsolicited
 *  @param data taken; NULL: likewise
 *  @param desc taken; NULL: none. An answer or offer sets up or changes the PeerConnection: on
 *  return its tracks can be
 *         routed. On failure the client is told by an error instead, and false is returned. */
CARDEA_API bool cardea_event(
	struct cardea_handle *h, const char *transaction, json_t *data, struct cardea_desc *desc);
/** The same unsolicited event to several, printed once; those that are direct are passed over.
 *  @param data taken */
CARDEA_API void cardea_event_all(struct cardea_handle *const *to, unsigned n, json_t *data);

/* ---- requests as tables ---- */

struct cardea_call; /* below */
/** One request of a plugin, found by name in any case. A NULL name ends the table. */
struct cardea_request {
	const char *name;
	const struct cardea_field *fields;
	/** Act, and fill call->data (new reference) and perhaps call->desc; or return
	 *  cardea_fail(call->error, …). */
	bool (*fn)(struct cardea_call *call);
	bool async; /**< answered with ack and event instead of success */
	/** May the handle ask for this at all, whatever the fields say? Judged before they are.
	 *  Return cardea_fail() if not. NULL: yes. */
	bool (*may)(struct cardea_call *call);
	const char *note; /**< what it does, for the reference documentation */
};
/** A request on its way through a handler. */
struct cardea_call {
	struct cardea_handle *handle;     /**< NULL when it came through the Admin API */
	struct cardea_args args;          /**< checked against the request's table */
	const struct cardea_desc *remote; /**< NULL: none */
	const char *transaction;          /**< NULL through the Admin API */
	/** out: the answer; NULL: nothing is sent (the handler has sent its event) */
	json_t *data;
	struct cardea_desc *desc; /**< out: goes along with an asynchronous answer */
	struct cardea_error *error;
	const char *request; /**< its name in the table */
	/** out, by malloc(): for cardea_reply_around(); NULL: none. Not through the Admin API */
	char *inner;
};
/** How a plugin words its answers. */
struct cardea_dialect {
	/** "videoroom": errors are {marker: "event", error_code, error} */
	const char *marker;
	struct cardea_codes codes;
	int unknown_request; /**< code for "Unknown request 'x'" */
	int missing_request; /**< code when `request` is absent or not a string */
};
/** Look the message's `request` up, check its fields, run it and answer: the whole of a plugin's
 *  message hook. */
CARDEA_API void cardea_serve(struct cardea_handle *h, struct cardea_message *m,
	const struct cardea_request *requests, const struct cardea_dialect *dialect);
/** The same for the Admin API: synchronous requests only. @return the answer, new reference. */
CARDEA_API json_t *cardea_serve_admin(const json_t *request, const struct cardea_request *requests,
	const struct cardea_dialect *dialect);
/** {marker: "event", error_code, error}; new reference. */
CARDEA_API json_t *cardea_error_json(
	const struct cardea_dialect *dialect, const struct cardea_error *e);
