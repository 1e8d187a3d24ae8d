/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/transport.h>

/** @file
 * Requests of the API: which there are, the order of their checks, and who handles them.
 * transport_inbox.c calls it; it calls the handlers, and admin.c for the Admin API. Control
 * thread. */

/** Handle a request (the tree is borrowed), of the Admin API too: answers it, or has it answered
 * later. */
void dispatch_request(const struct cardea_origin *from, const json_t *tree);
