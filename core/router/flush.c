/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include "../base/warm.h"
#include "peer.h"

/* What was received goes out: for each receiver a batch to one route after another, so that what
 * goes to one peer leaves together. A large audience takes several turns of the worker's loop, and
 * sound, which nobody should wait for, goes between. */
#define BUDGET 224 /* packets of video in one turn: as many as leave with one system call */
#define HOT    offsetof(struct sender, reported_packets) /* of a sender, needed for each packet */

/* The longest payload that goes out now: what the others may be padded to. */
static uint16_t longest(const struct receiver *rx)
{
	uint16_t len = 0;
	for (const struct held *h = rx->leaving; h; h = h->next)
		if (h->k->payload_len > len)
			len = h->k->payload_len;
	return len;
}

/* What a sender needs hangs on pointers, so it is fetched in steps, one for each packet sent before
 * it: the sender, what that points to, and so on. */
enum step { SENDER, PEER, NUMBERS, KEYS };

static void fetch(const struct router *r, const struct sender *tx, enum step step, uint16_t in_seq)
{
	const struct rewrite *rw = tx->rw;
	if (step == SENDER) {
		warm(tx, HOT);
		return;
	}
	if (step == PEER) {
		warm(tx->peer, sizeof *tx->peer);
		warm(rw, offsetof(struct rewrite, seq));
	} else if (step == NUMBERS && rw) {
		warm(&rw->seq[in_seq & (RW_SEQS - 1)], sizeof rw->seq[0]);
		warm(&tx->sent[(rw->out_hi + 1) & (tx->n_sent - 1)], sizeof tx->sent[0]);
	}
	if (r->ops->warm)
		r->ops->warm(r->arg, tx->peer->slot, step - PEER);
}

/* @p step of the route @p n, and the earlier ones of those behind it */
static void look_ahead(const struct receiver *rx, const struct node *n, enum step step)
{
	uint16_t in_seq = rx->leaving->k->seq;
	for (; n != &rx->routes; n = n->next, step--) {
		fetch(rx->peer->r, NODE_OF(n, struct link, node)->tx, step, in_seq);
		if (step == SENDER)
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
	rx->at = rx->routes.next;
	rx->burst_payload = longest(rx);
	for (enum step step = SENDER; step < KEYS; step++)
		look_ahead(rx, rx->at, step);
	trunk_fan_out(rx);
}

static void serve(struct receiver *rx, struct sender *tx, int64_t now_us)
{
	tx->burst_size = 0;
	select_expire(tx, now_us);
	for (const struct held *h = rx->leaving; h; h = h->next)
		sender_take(tx, rx, h, now_us);
	select_review(tx, rx, now_us);
}

/* @param budget packets that may go; it is used up. @return all have been served. */
static bool fan_out(struct receiver *rx, int *budget, int64_t now_us)
{
	if (!rx->leaving)
		begin(rx);
	while (rx->at != &rx->routes && *budget > 0) {
		struct sender *tx = NODE_OF(rx->at, struct link, node)->tx;
		look_ahead(rx, rx->at, KEYS);
		rx->at = rx->at->next; /* serving may take the route out */
		*budget -= (int)rx->n_leaving;
		serve(rx, tx, now_us);
	}
	if (rx->at != &rx->routes)
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

int64_t router_flush(struct router *r, int64_t now_us)
{
	flush_kind(r, CARDEA_AUDIO, INT_MAX, now_us);
	int64_t again_us = flush_kind(r, CARDEA_VIDEO, BUDGET, now_us);
	report_if_due(r, now_us);
	return again_us;
}
