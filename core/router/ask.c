/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include "../rtp/rtcp.h"
#include "peer.h"

#define SLACK_US    4000  /* losses noticed within this share a timer */
#define FEEDBACK_US 20000 /* between two messages about arrivals, however far the numbers jump */

static void ask_again(struct receiver *rx, const struct layer *l, const uint16_t *seqs, unsigned n)
{
	struct router *r = rx->peer->r;
	uint8_t data[RTCP_ROOM];
	struct rtcp_buf b = { data, 0, sizeof data, false };
	uint32_t us = peer_ssrc(rx->peer);
	report_open(&b, rx->peer);
	rtcp_put_nack(&b, us, l->ssrc, seqs, n);
	r->ops->send_rtcp(r->arg, rx->peer->slot, data, b.len);
}

/* @return when this receiver must be looked at again, INT64_MAX: nothing is missing. */
static int64_t ask_one(struct receiver *rx, int64_t now_us)
{
	int64_t next_us = INT64_MAX;
	for (unsigned i = 0; i < rx->n_layers; i++) {
		struct layer *l = &rx->layers[i];
		uint16_t seqs[NACK_WINDOW];
		unsigned n;
		int64_t t;
		if (!l->nack)
			continue;
		if ((n = nack_due(l->nack, now_us, seqs)) && l->ssrc && receiver_open(rx)) {
			ask_again(rx, l, seqs, n);
			l->nacks += n;
		}
		t = nack_next(l->nack, now_us);
		next_us = t < next_us ? t : next_us;
	}
	return next_us;
}

void ask_nacks(void *router)
{
	struct router *r = router;
	int64_t now_us = clock_now_us(), next_us = INT64_MAX;
	RING_EACH(&r->nacking, n) {
		int64_t t = ask_one(NODE_OF(n, struct receiver, nacking), now_us);
		if (t == INT64_MAX)
			node_del(n);
		next_us = t < next_us ? t : next_us;
	}
	if (next_us != INT64_MAX)
		wheel_set(r->wheel, &r->nack_timer,
			next_us > now_us + SLACK_US ? next_us : now_us + SLACK_US);
}

void ask_nack_soon(struct receiver *rx, int64_t now_us)
{
	struct router *r = rx->peer->r;
	if (!node_linked(&rx->nacking))
		node_add(&r->nacking, &rx->nacking);
	if (!wheel_armed(&r->nack_timer) || r->nack_timer.at_us > now_us + NACK_FIRST_US)
		wheel_set(r->wheel, &r->nack_timer, now_us + NACK_FIRST_US);
}

static void send_feedback(struct peer *p, int64_t now_us)
{
	struct router *r = p->r;
	uint8_t data[RTCP_ROOM];
	unsigned n;
	p->twcc_at_us = now_us;
	do {
		struct rtcp_buf b = { data, 0, sizeof data, false };
		report_open(&b, p);
		if ((n = twcc_write(p->twcc, peer_ssrc(p), p->twcc_media, &b)))
			r->ops->send_rtcp(r->arg, p->slot, data, b.len);
	} while (n);
	node_del(&p->feedback);
}

void ask_feedback(void *router)
{
	struct router *r = router;
	int64_t now_us = clock_now_us();
	RING_EACH(&r->feedback, n)
		send_feedback(NODE_OF(n, struct peer, feedback), now_us);
}

void ask_feedback_note(struct peer *p, uint16_t seq, int64_t now_us)
{
	struct router *r = p->r;
	if (!p->twcc && !(p->twcc = calloc(1, sizeof *p->twcc)))
		return;
	if (twcc_seen(p->twcc, seq, now_us) && now_us - p->twcc_at_us >= FEEDBACK_US) {
		send_feedback(p, now_us);
		return;
	}
	if (!node_linked(&p->feedback))
		node_add(&r->feedback, &p->feedback);
	if (!wheel_armed(&r->twcc_timer))
		wheel_set(r->wheel, &r->twcc_timer, now_us + r->conf.twcc_period_us);
}
