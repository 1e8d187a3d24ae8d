/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include "../base/queue.h"
#include "msg.h"

/** @file
 * What a worker has to report of one peer's media. A peer has a share of the queue; what finds no
 * room there is kept, of each kind and m-line the newest, and said later: control may hear of less,
 * but what it hears last is true. Of the peer's worker. */
struct kept;
struct news {
	struct queue_share share;
	struct kept *kept; /**< NULL: nothing waits */
};

/** Say it: a REP_RECEIVING, REP_LAYER, REP_TALKING, REP_SLOW_LINK or REP_ESTIMATE, complete.
 *  @return false: it is kept, and news_pay() is to be called soon */
bool news_tell(struct news *n, struct queue *reports, const struct report *r);
/** Say what was kept. @return false: some of it has to wait on */
bool news_pay(struct news *n, struct queue *reports, uint64_t peer, uint32_t worker);
void news_clear(struct news *n);
