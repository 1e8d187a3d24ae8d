/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "sender.h"

/** @file
 * Which layers of its source a sender carries. */

void select_expire(struct sender *tx,
	int64_t now_us); /**< Let an old source go that has been kept long enough. */
void select_review(
	struct sender *tx, struct receiver *rx, int64_t now_us); /**< Wish for what is missing. */
/** The best layer that is wanted and comes; -1: none. */
int select_target(const struct sender *tx, const struct receiver *rx);
/** Layers of @p rx that a sender carries or would rather carry, as bits. */
unsigned select_wanted(const struct sender *tx, const struct receiver *rx);
bool select_layer(struct sender *tx, struct receiver *rx, const struct held *h);
bool select_drop(struct sender *tx, const struct receiver *rx, const struct held *h);
/** Report the layer when it has changed, but a few times a second at most: the rest waits. */
void select_tell(struct sender *tx, const struct layer *l, int64_t now_us);
void select_tell_rest(struct sender *tx); /**< Report what waits. */
