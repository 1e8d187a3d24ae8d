/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "sender.h"

/** @file
 * Packets out: a sender as a consumer of its source. Each packet is selected, numbered, written and
 * handed to the worker. */

struct sender *outgoing_new(struct peer *p); /**< NULL: no memory. Apply a track next. */
/** Send a packet again, as @p s tells that it was. */
void outgoing_again(struct sender *tx, const struct receiver *rx, struct pkt *k,
	const struct sent *s, int64_t now_us);
