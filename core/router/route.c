/* SPDX-License-Identifier: Apache-2.0 */
#include "../base/id.h"
#include "peer.h"

static void link_set(struct link *l, struct receiver *rx)
{
	l->rx = rx;
	node_add(&rx->routes, &l->node);
}

static void unlink_receiver(struct link *l)
{
	if (l->rx->at == &l->node)
		l->rx->at = l->node.next;
	node_del(&l->node);
	l->rx = NULL;
}

struct layer *sender_layer(const struct sender *tx)
{
	struct layer *l;
	if (!tx->on || !tx->cur.rx || tx->layer >= tx->cur.rx->n_layers)
		return NULL;
	l = &tx->cur.rx->layers[tx->layer];
	return l->gen == tx->gen ? l : NULL;
}

void sender_promote(struct sender *tx)
{
	struct receiver *rx = tx->next.rx;
	if (tx->cur.rx)
		unlink_receiver(&tx->cur);
	tx->on = false;
	if (!rx)
		return;
	/* The place in the ring is taken over, for the ring may be being walked. */
	tx->cur.rx = rx;
	tx->cur.node = tx->next.node;
	tx->cur.node.prev->next = tx->cur.node.next->prev = &tx->cur.node;
	if (rx->at == &tx->next.node)
		rx->at = &tx->cur.node;
	tx->next = (struct link){ .tx = tx };
}

/* The receiver goes away. */
void link_clear(struct link *l)
{
	struct sender *tx = l->tx;
	unlink_receiver(l);
	if (l == &tx->cur)
		sender_promote(tx);
}

void sender_unlink(struct sender *tx)
{
	if (tx->next.rx)
		unlink_receiver(&tx->next);
	if (tx->cur.rx)
		unlink_receiver(&tx->cur);
	tx->on = false;
}

static void aim(struct sender *tx, struct receiver *rx, int64_t now_us)
{
	if (tx->cur.rx == rx) {
		if (tx->next.rx)
			unlink_receiver(
				&tx->next); /* back to the old source before the new one came */
	} else if (!tx->cur.rx) {
		link_set(&tx->cur, rx);
		tx->on = false;
	} else if (tx->next.rx != rx) {
		if (tx->next.rx)
			unlink_receiver(&tx->next);
		link_set(&tx->next, rx);
		tx->switch_by_us = now_us + SWITCH_US;
	}
}

enum err router_route(struct router *r, const struct route *route)
{
	struct sender *tx = sender_get(r, route->to_slot, route->to_mindex);
	bool is_here = route->from_worker == r->conf.worker;
	struct receiver *rx;
	int64_t now_us = clock_now_us();
	if (!tx)
		return ERR_NOT_FOUND;
	rx = is_here ? receiver_get(r, ID_SLOT(route->from_peer), route->from_mindex)
		     : mirror_open(r, route, tx);
	if (!rx)
		return is_here ? ERR_NOT_FOUND : ERR_FULL;
	tx->route = *route;
	if (!tx->route.fallback_us)
		tx->route.fallback_us = FALLBACK_US;
	if (route->paused)
		tx->on = false; /* what comes later begins at a keyframe, and goes on where this
				   stopped */
	aim(tx, rx, now_us);
	select_review(tx, rx, now_us);
	return OK;
}

void router_unroute(struct router *r, uint32_t to_slot, unsigned to_mindex)
{
	struct sender *tx = sender_get(r, to_slot, to_mindex);
	if (tx)
		sender_unlink(tx);
}
