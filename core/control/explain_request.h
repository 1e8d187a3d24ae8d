/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** @file
 * The request `explain`: dispatch.c has it from a client about a handle of its own, admin_explain.c
 * from an operator about any, or about all. The worker is asked first (stats_query.c); explain.c
 * finds the reasons. Control thread. */
struct request;

void explain_request(struct request *r);       /**< Of a client. */
void explain_request_admin(struct request *r); /**< About one handle. */
/** About all handles that are not well, as they were told last: of reasons that have lasted for
 *  five seconds. */
void explain_request_all(struct request *r);
