/* SPDX-License-Identifier: Apache-2.0 */
#include "peer.h"

/* The longest payload that goes out now: what the others may be padded to. */
static uint16_t longest(const struct receiver *rx)
{
	uint16_t len = 0;
	for (const struct held *h = rx->held; h; h = h->next)
		if (h->k->payload_len > len)
			len = h->k->payload_len;
	return len;
}

/* One route after another, so that what goes to one peer leaves together. */
static void fan_out(struct receiver *rx, int64_t now_us)
{
	trunk_fan_out(rx);
	rx->burst_payload = longest(rx);
	RING_EACH(&rx->routes, n)
	{
		struct sender *tx = NODE_OF(n, struct link, node)->tx;
		tx->burst_size = 0;
		select_expire(tx, now_us);
		for (const struct held *h = rx->held; h; h = h->next)
			sender_take(tx, rx, h, now_us);
		select_review(tx, rx, now_us);
	}
	receiver_drop_held(rx);
}

int64_t router_flush(struct router *r, int64_t now_us)
{
	int64_t again_us = INT64_MAX;
	RING_EACH(&r->due, n)
	{
		struct receiver *rx = NODE_OF(n, struct receiver, due);
		int64_t due_us = rx->held_since_us + r->conf.hold_us;
		if (rx->held_whole || due_us <= now_us)
			fan_out(rx, now_us);
		else if (due_us < again_us)
			again_us = due_us;
	}
	return again_us;
}
