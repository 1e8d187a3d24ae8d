/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/transport.h>

/** @file
 * Clients of direct endpoints: to the control side each is the client of a transport of its own,
 * which has nothing to send them but what their plugin sends. handle.c asks which they are;
 * direct.c makes and answers them. */
struct session;

/** What the session of such a client is created with. */
struct cardea_origin direct_client_origin(uint64_t conn, struct cardea_address address);
/** Is it the session of one? Control thread. */
bool direct_client_is(const struct session *s);
/** A message to one, or an error where it cannot be written as JSON. @param message taken.  Any
 *  thread. @return one reference */
struct cardea_text *direct_client_text(json_t *message);
/** Send {"type": "error", "code", "reason"}. Any thread. */
void direct_client_error(uint64_t conn, int number, const char *reason);
