/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include "../base/queue.h"
#include "msg.h"

/** @file
 * Reports of one peer's media, from its worker to control. A peer has a share of the queue; what
 * finds no room there is kept, of each kind and m-line the newest, and pushed later: control may
 * hear of less, but what it hears last is true. Of the peer's worker. */
struct kept;
struct report_queue {
	struct queue_share share;
	struct kept *kept; /**< NULL: nothing waits */
};

/** Push it: a REP_RECEIVING, REP_LAYER, REP_TALKING, REP_SLOW_LINK, REP_ESTIMATE or
 *  REP_WHY, complete.
 *  @return false: it is kept, and report_queue_flush() is to be called soon */
bool report_queue_push(struct report_queue *q, struct queue *reports, const struct report *r);
/** Push what was kept. @return false: some of it has to wait on */
bool report_queue_flush(
	struct report_queue *q, struct queue *reports, uint64_t peer, uint32_t worker);
void report_queue_clear(struct report_queue *q);
