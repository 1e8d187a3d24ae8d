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

/** Who reads it: only visitors need their own sentence. */
enum explain_to { EXPLAIN_TO_OPERATOR, EXPLAIN_TO_VISITOR };

/** The reasons of a handle, EXPLAIN_MOST of them: {"mindex", "mid", "kind", "direction", "code",
 *  "before", "visitor", "text", "todo", "since_ms"}; those of the connection as a whole lack the
 *  first four, and only a lost one has "before", the code of what was wrong then.
 *  @param r NULL: the worker was not asked or has not answered; what it told last is used
 *  @param was_asked the worker: that it has not answered is a reason, too
 *  @param well false: at least one of them is not meant to be
 *  @return array, new reference */
json_t *explain_handle(const struct cardea_handle *h, const struct peer_report *r,
	enum explain_to to, bool was_asked, bool *well);
/** The same for an operator, by what was told last, and no more than @p most of them: to find out
 *  alone whether all is well, 0. @return NULL: there are none, or most is 0 */
json_t *explain_unwell(const struct cardea_handle *h, unsigned most, bool *well);
/** The same of the connection as a whole, or of an m-line. NULL: there are none. */
json_t *explain_connection(const struct peerconn *pc, const struct peer_report *r);
json_t *explain_line(const struct peerconn *pc, unsigned mindex, const struct peer_report *r);
/** A REP_WHY: a reason has lasted for five seconds, or one that was told has ended. */
void explain_report(struct peerconn *pc, const struct report *r);
/** Its PeerConnection has failed and is still there: remember why, as far as it is known. */
void explain_lost(struct cardea_handle *h);
