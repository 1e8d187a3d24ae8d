/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/transport.h>

/** @file
 * Requests of the API: which there are, the order of their checks, and who handles them.
 * transport_inbox.c calls it; it calls the handlers, and admin.c for the Admin API. Control
 * thread. */

struct request;

/** Where a request may be sent: to the server, to a session, to a handle. */
enum level { LEVEL_SERVER = 1, LEVEL_SESSION = 2, LEVEL_HANDLE = 4 };
/** A request of the core API, found by name in any case. A NULL name ends the table. */
struct api_request {
	const char *name;
	unsigned levels;                   /**< of enum level */
	const struct cardea_field *fields; /**< beside those that all have; checked before */
	void (*fn)(struct request *r);
	const char *note; /**< what it does, for the reference documentation */
};
extern const struct api_request api_requests[];

/** Handle a request (the tree is borrowed), of the Admin API too: answers it, or has it answered
 * later. */
void dispatch_request(const struct cardea_origin *from, const json_t *tree);
