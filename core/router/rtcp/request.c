/* SPDX-License-Identifier: Apache-2.0 */
#include "compound.h"
#include "request.h"

#define SLACK_US 4000 /* losses noticed within this share a timer */

/* ---- keyframes ---- */

static void ask_keyframe(struct receiver *rx, unsigned layer)
{
	uint8_t data[64];
	struct rtcp_buf b = { data, 0, sizeof data, false };
	struct peer *p = rx->peer;
	struct layer *l = &rx->layers[layer];
	compound_open(&b, p);
	if (rx->t.feedback & CARDEA_FB_PLI)
		rtcp_put_pli(&b, p->our_ssrc, l->ssrc);
	else if (rx->t.feedback & CARDEA_FB_FIR)
		rtcp_put_fir(&b, p->our_ssrc, l->ssrc, l->fir_seq++);
	else
		return;
	compound_send(p, &b);
}

const struct receiver_ops request_ops = { .keyframe = ask_keyframe };

/* ---- lost packets ---- */

static void ask_again(struct receiver *rx, const struct layer *l, const uint16_t *seqs, unsigned n)
{
	uint8_t data[RTCP_ROOM];
	struct rtcp_buf b = { data, 0, sizeof data, false };
	compound_open(&b, rx->peer);
	rtcp_put_nack(&b, rx->peer->our_ssrc, l->ssrc, seqs, n);
	compound_send(rx->peer, &b);
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

void request_nacks(void *router)
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
