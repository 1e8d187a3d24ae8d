/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/transport.h>

/** @file
 * What goes out to clients: answers to the connection that asked, events to the owner of the
 * session. The order of keys is that of the specification. Control thread. */
struct session;

/** {"janus": kind[, "session_id"][, "transaction"]}; new reference.
 *  @param session_id 0: left out;  @param transaction NULL: left out */
json_t *answer_new(const char *kind, uint64_t session_id, const char *transaction);
/** Send @p msg (taken) as the answer to a request. */
void answer_send(const struct cardea_origin *to, json_t *msg);
/** {"janus": "error", …}; new reference. */
json_t *answer_error(uint64_t session_id, const char *transaction, int code, const char *reason);
/** Send @p msg (taken) to the owner of @p s; dropped when it has none or is ending. */
void event_send(const struct session *s, json_t *msg);
