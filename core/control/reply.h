/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/transport.h>

/** @file
 * What goes out to clients: answers to the connection that asked, events to the owner of the
 * session. All that tells a client anything comes by here, and from here it goes to the transport.
 * The order of keys is that of the specification. Control thread. */
struct session;

/** {"janus": kind[, "session_id"][, "transaction"]}; new reference.
 *  @param session_id 0: left out;  @param transaction NULL: left out */
json_t *reply_new(const char *kind, uint64_t session_id, const char *transaction);
/** Send @p msg (taken) as the answer to a request. */
void reply_send(const struct cardea_origin *to, json_t *msg);
/** {"janus": "error", …}; new reference. */
json_t *reply_error(uint64_t session_id, const char *transaction, int code, const char *reason);
/** Send @p msg (taken) to the owner of @p s; dropped when it has none or is ending. */
void event_send(const struct session *s, json_t *msg);

/** Has somebody there texts in the compact style? */
bool reply_is_compact(const struct cardea_origin *to);
/** reply_send(), where in the place of the null that @p msg ends with stands what is printed
 *  already: the JSON @p inner. */
void reply_send_around(const struct cardea_origin *to, json_t *msg, const char *inner, size_t len);
/** The same for an event, whose owner has the compact style, of a session that is not ending. */
void event_send_around(const struct session *s, json_t *msg, const char *inner, size_t len);
