/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** @file
 * The request `explain`: dispatch.c has it from a client about a handle of its own, admin_explain.c
 * from an operator about any, or about all. The worker is asked first (stats_query.c); explain.c
 * finds the reasons. Control thread. */
struct request;

/** Of a client. Refused while another about the same handle waits for its worker. */
void explain_request(struct request *r);
void explain_request_admin(struct request *r); /**< About one handle. */
/** About all handles that are not well, as they were told last: of reasons that have lasted for
 *  five seconds. A page of them: where there are more, the answer has "next".
 *  @param after "next" of the page before; NULL: the first page */
void explain_request_all(struct request *r, const char *after);
