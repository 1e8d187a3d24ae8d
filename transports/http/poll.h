/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/transport.h>

/** @file
 * Long polls: a queue of events for each session that HTTP clients own, and the requests that wait
 * for them. All on the web thread, but poll_stop(), which comes after its end. */

/** The request @p id asks for up to @p maxev events; 1: an object is answered, more: an array. */
void poll_begin(uint64_t id, uint64_t session_id, unsigned maxev);
/** The core has answered: 200, 403 or 404. */
void poll_allowed(uint64_t id, uint64_t session_id, int status);
/** Its time is over. @return false when @p id is no poll. */
bool poll_late(uint64_t id);
/** The exchange is over; what was not delivered is kept for the next poll. No poll: nothing
 *  happens. */
void poll_ended(uint64_t id, bool delivered);

/** Sessions come to HTTP and go from it. */
void poll_own(uint64_t session_id, bool owned);
/** An event of a session; takes the reference. Unknown session: dropped. */
void poll_event(uint64_t session_id, struct cardea_text *text);
void poll_stop(void);
