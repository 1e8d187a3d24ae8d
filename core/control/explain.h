/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/json.h>
#include "../rtc/msg.h"

/** @file
 * Why there is no picture: the reasons of a handle, from what its worker has told and from what
 * only control knows. handleinfo.c and explain_request.c show them; worker_reports.c brings what
 * lasts, which is kept with the PeerConnection and logged. Control thread. */
struct cardea_handle;
struct peer_report;
struct peerconn;

#define EXPLAIN_MOST 32 /**< reasons of a handle that are told: it may have hundreds of m-lines */

/** The reasons of a handle, EXPLAIN_MOST of them: {"mindex", "mid", "kind", "direction", "code",
 *  "text", "todo", "since_ms"}; those of the connection as a whole have the last four alone.
 *  @param r NULL: the worker was not asked or has not answered; what it told last is used
 *  @param was_asked the worker: that it has not answered is a reason, too
 *  @param well false: at least one of them is not meant to be
 *  @return array, new reference */
json_t *explain_handle(
	const struct cardea_handle *h, const struct peer_report *r, bool was_asked, bool *well);
/** The same of the connection as a whole, or of an m-line. NULL: there are none. */
json_t *explain_connection(const struct peerconn *pc, const struct peer_report *r);
json_t *explain_line(const struct peerconn *pc, unsigned mindex, const struct peer_report *r);
/** A REP_WHY: a reason has lasted for five seconds, or one that was told has ended. */
void explain_report(struct peerconn *pc, const struct report *r);
