/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "msg.h"
#include "worker_state.h"

/** @file
 * Reports on their way to control: of media, and of peers that are not there. What the queue has no
 * room for is told later. Of the life of a peer, rtc_peer.c tells. The worker's thread. */

/** Of the peer in a slot, with what @p r has of it. None there: nothing is told. */
void worker_outbox_put(struct worker *w, uint32_t slot, struct report *r, enum report_type type);
/** Of a peer that is not there: REP_RETIRED or REP_FAILED. Control waits for it. */
void worker_outbox_orphan(struct worker *w, uint64_t peer, enum report_type type, uint8_t why);
/** Tell all that found no room, of peers too. @param worker a timer's argument */
void worker_outbox_retry(void *worker);
/** Show the counters at /metrics. Once. */
void worker_outbox_metrics(void);
