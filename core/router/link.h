/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "in/receiver.h"

/** @file
 * A receiver and its consumers: whoever takes its packets. Senders of this worker, trunks to the
 * others, and sinks. A consumer is embedded in what it serves, and is tied to one receiver at most.
 */
struct consumer;

struct consumer_ops {
	/** A batch is leaving: rx->leaving. It may detach itself, or others. */
	void (*take)(struct consumer *c, int64_t now_us);
	/** The memory that take() will touch is needed soon: ask for it (base/warm.h), what hangs
	 *  on pointers step by step, from 0 to LINK_STEPS - 1. NULL: not wanted */
	void (*warm)(const struct consumer *c, unsigned step, uint16_t in_seq);
	/** Layers of the receiver that it takes, or would rather, as bits. NULL: all */
	unsigned (*wants)(const struct consumer *c);
	/** What is received has changed. NULL: it does not care */
	void (*track)(struct consumer *c, int64_t now_us);
	/** Control has muted it, or no longer. Called where the receiver is. NULL: it does not
	 *  care */
	void (*muted)(struct consumer *c);
	/** A sender report came, and the layer has it. NULL: it does not care */
	void (*report)(struct consumer *c, unsigned layer, int64_t now_us);
	/** How long it may ask for a packet after that came, microseconds. NULL: it never does */
	int64_t (*span_us)(const struct consumer *c);
	/** The receiver goes away; the consumer is tied to none any more. */
	void (*end)(struct consumer *c, struct receiver *rx);
};
#define LINK_STEPS 4

struct consumer {
	struct node node;    /**< in the receiver's */
	struct receiver *rx; /**< NULL: none */
	const struct consumer_ops *ops;
	void *owner;
};

/** Give a consumer all that is received from now on. @p first: before those that are there. */
void link_attach(struct consumer *c, struct receiver *rx, bool first);
void link_detach(struct consumer *c); /**< Tied to none: fine. */
/** Let @p to, which is tied to none, have the receiver and the turn of @p from. */
void link_hand_over(struct consumer *from, struct consumer *to);
void link_end(struct receiver *rx); /**< It goes away. NULL is fine. */

void link_track(struct receiver *rx, int64_t now_us); /**< What is received has changed. */
void link_muted(struct receiver *rx);                 /**< rx->muted has changed. */
/** A sender report came. */
void link_report(struct receiver *rx, unsigned layer, uint64_t ntp, uint32_t ts, int64_t now_us);
unsigned link_wanted(const struct receiver *rx); /**< layers, as bits */
/** Packets are kept for as long as the farthest consumer may need to ask for them. */
void link_review_span(struct receiver *rx, int64_t now_us);

/** Give all batches that are due to the consumers. @return when it must be called again for what
 *  is held, INT64_MAX: no need. */
int64_t link_flush(struct router *r, int64_t now_us);
