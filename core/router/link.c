/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include "link.h"

/* What was received goes out: for each receiver a batch to one consumer after another, so that what
 * goes to one peer leaves together. A large audience takes several turns of the worker's loop, and
 * sound, which nobody should wait for, goes between. */
#define BUDGET 224 /* packets of video in one turn: as many as leave with one system call */

static struct consumer *consumer_of(const struct node *n)
{
	return NODE_OF(n, struct consumer, node);
}

/* ---- ties ---- */

void link_attach(struct consumer *c, struct receiver *rx, bool first)
{
	c->rx = rx;
	node_add(first ? rx->consumers.next : &rx->consumers, &c->node);
}

void link_detach(struct consumer *c)
{
	if (!c->rx)
		return;
	if (c->rx->at == &c->node)
		c->rx->at = c->node.next;
	node_del(&c->node);
	c->rx = NULL;
}

/* The place in the ring is taken over, for the ring may be being walked. */
void link_hand_over(struct consumer *from, struct consumer *to)
{
	struct receiver *rx = from->rx;
	to->rx = rx;
	to->node = from->node;
	to->node.prev->next = to->node.next->prev = &to->node;
	if (rx->at == &from->node)
		rx->at = &to->node;
	from->rx = NULL;
	from->node = (struct node){ 0 };
}

void link_end(struct receiver *rx)
{
	if (!rx)
		return;
	while (!ring_empty(&rx->consumers)) {
		struct consumer *c = consumer_of(rx->consumers.next);
		link_detach(c);
		c->ops->end(c, rx);
	}
}

/* ---- what consumers are told, and asked ---- */

void link_track(struct receiver *rx, int64_t now_us)
{
	RING_EACH(&rx->consumers, n) {
		struct consumer *c = consumer_of(n);
		if (c->ops->track)
			c->ops->track(c, now_us);
	}
}

void link_muted(struct receiver *rx)
{
	RING_EACH(&rx->consumers, n) {
		struct consumer *c = consumer_of(n);
		if (c->ops->muted)
			c->ops->muted(c);
	}
}

void link_report(struct receiver *rx, unsigned layer, uint64_t ntp, uint32_t ts, int64_t now_us)
{
	struct layer *l = &rx->layers[layer];
	peer_clock_learn(rx->peer, ntp, now_us);
	l->has_sr = true;
	l->sr_ntp = ntp;
	l->sr_ts = ts;
	l->sr_at_us = now_us;
	RING_EACH(&rx->consumers, n) {
		struct consumer *c = consumer_of(n);
		if (c->ops->report)
			c->ops->report(c, layer, now_us);
	}
}

unsigned link_wanted(const struct receiver *rx)
{
	unsigned layers = 0;
	RING_EACH(&rx->consumers, n) {
		const struct consumer *c = consumer_of(n);
		layers |= c->ops->wants ? c->ops->wants(c) : UINT_MAX;
	}
	return layers;
}

void link_review_span(struct receiver *rx, int64_t now_us)
{
	int64_t span_us = rx->peer->r->conf.nack_history_us;
	RING_EACH(&rx->consumers, n) {
		const struct consumer *c = consumer_of(n);
		int64_t its_us = c->ops->span_us ? c->ops->span_us(c) : 0;
		span_us = its_us > span_us ? its_us : span_us;
	}
	rx->span_us = span_us > SPAN_MAX_US ? SPAN_MAX_US : span_us;
	for (unsigned i = 0; i < rx->n_layers; i++)
		cache_trim(rx->layers[i].cache, now_us - rx->span_us);
}

/* ---- batches ---- */

/* The longest payload that goes out now: what the others may be padded to. */
static uint16_t longest(const struct receiver *rx)
{
	uint16_t len = 0;
	for (const struct held *h = rx->leaving; h; h = h->next)
		if (h->k->payload_len > len)
			len = h->k->payload_len;
	return len;
}

/* @p step of the consumer @p n, and the earlier ones of those behind it: one for each that is
 * served before it */
static void look_ahead(const struct receiver *rx, const struct node *n, unsigned step)
{
	uint16_t in_seq = rx->leaving->k->seq;
	for (; n != &rx->consumers; n = n->next) {
		const struct consumer *c = consumer_of(n);
		if (c->ops->warm)
			c->ops->warm(c, step, in_seq);
		if (!step--)
			return;
	}
}

static void begin(struct receiver *rx)
{
	rx->leaving = rx->held;
	rx->n_leaving = rx->n_held;
	rx->held = NULL;
	rx->held_end = &rx->held;
	rx->n_held = 0;
	rx->at = rx->consumers.next;
	rx->burst_payload = longest(rx);
	for (unsigned step = 0; step < LINK_STEPS - 1; step++)
		look_ahead(rx, rx->at, step);
}

/* @param budget packets that may go; it is used up. @return all have been served. */
static bool fan_out(struct receiver *rx, int *budget, int64_t now_us)
{
	if (!rx->leaving)
		begin(rx);
	while (rx->at != &rx->consumers && *budget > 0) {
		struct consumer *c = consumer_of(rx->at);
		look_ahead(rx, rx->at, LINK_STEPS - 1);
		rx->at = rx->at->next; /* taking may detach it */
		*budget -= (int)rx->n_leaving;
		c->ops->take(c, now_us);
	}
	if (rx->at != &rx->consumers)
		return false;
	receiver_drop_leaving(rx);
	return true;
}

/* @return when there is more to do. */
static int64_t flush(struct receiver *rx, int *budget, int64_t now_us)
{
	int64_t due_us = rx->held_since_us + rx->peer->r->conf.hold_us;
	if (!rx->leaving && !rx->held_whole && due_us > now_us)
		return due_us;
	if (!fan_out(rx, budget, now_us))
		return now_us;
	if (rx->held) /* came meanwhile */
		return rx->held_whole ? now_us : rx->held_since_us + rx->peer->r->conf.hold_us;
	node_del(&rx->due);
	return INT64_MAX;
}

static int64_t flush_kind(struct router *r, enum cardea_kind kind, int budget, int64_t now_us)
{
	int64_t again_us = INT64_MAX;
	RING_EACH(&r->due, n) {
		struct receiver *rx = NODE_OF(n, struct receiver, due);
		int64_t t = rx->t.kind == kind ? flush(rx, &budget, now_us) : INT64_MAX;
		again_us = t < again_us ? t : again_us;
	}
	return again_us;
}

int64_t link_flush(struct router *r, int64_t now_us)
{
	flush_kind(r, CARDEA_AUDIO, INT_MAX, now_us);
	return flush_kind(r, CARDEA_VIDEO, BUDGET, now_us);
}
