/* SPDX-License-Identifier: Apache-2.0 */
#include "../meter.h"
#include "../out/resend.h"
#include "../out/select.h"
#include "../out/wish.h"
#include "feedback.h"
#include "reports.h"

/* A peer's RTCP, item by item. */
#define AGAIN_SAVED (512 * AGAIN_COST)
#define ITEMS       2000 /* at once … */
#define ITEM_US     500  /* … and one for each of these: a hundred tracks under loss have fewer */

struct walk {
	struct peer *p;
	int64_t now_us;
	struct sender *last; /* items about one track come together */
};

static struct sender *find_sender(struct walk *w, uint32_t ssrc)
{
	if (w->last && w->last->t.out_ssrc == ssrc)
		return w->last;
	for (unsigned i = 0; i < w->p->n_lines; i++) {
		struct sender *tx = w->p->lines[i].tx;
		if (tx && tx->t.out_ssrc == ssrc)
			return w->last = tx;
	}
	return NULL;
}

static void on_sr(struct walk *w, const struct rtcp_item *it)
{
	const struct ssrc_entry *e = peer_ssrc_find(w->p, it->ssrc);
	if (e && !e->is_rtx)
		link_report(
			w->p->lines[e->mindex].rx, e->layer, it->sr.ntp, it->sr.rtp_ts, w->now_us);
}

/* Every packet sent is worth one that is sent again, and some are saved up: the sum of both is what
 * a peer gets, however much it asks for. Asking in vain costs too. */
static void earn(struct sender *tx)
{
	uint64_t sent = tx->packets - tx->retransmissions;
	uint64_t more = sent > tx->again.sent ? sent - tx->again.sent : 0;
	uint64_t left = tx->again.left + more * AGAIN_COST;
	tx->again.sent = sent;
	tx->again.left = left < AGAIN_SAVED ? (uint32_t)left : AGAIN_SAVED;
}

static void ask_for(struct sender *tx, uint16_t seq, int64_t now_us)
{
	uint64_t before = tx->retransmissions;
	tx->nacks++;
	if (tx->again.left < AGAIN_COST) {
		metric_add(&router_nack_drops, 1);
		return;
	}
	resend(tx, seq, now_us);
	tx->again.left -= tx->retransmissions != before ? AGAIN_COST : 1;
}

static void on_nack(struct sender *tx, const struct rtcp_item *it, int64_t now_us)
{
	earn(tx);
	ask_for(tx, it->nack.pid, now_us);
	for (unsigned i = 0; i < 16; i++)
		if (it->nack.blp >> i & 1)
			ask_for(tx, (uint16_t)(it->nack.pid + 1 + i), now_us);
}

/* A keyframe that is on its way is not wished for again. */
static void on_wish_keyframe(struct sender *tx, int64_t now_us)
{
	const struct layer *l = sender_layer(tx);
	if (!l || tx->route.paused) {
		if (tx->cur.rx)
			select_review(tx, tx->cur.rx, now_us);
	} else if (!l->keyframe_seen || now_us - l->keyframe_at_us >= tx->peer->rtt_us) {
		wish_keyframe(tx, tx->cur.rx, tx->layer, now_us);
	}
}

static void on_item(void *arg, const struct rtcp_item *it)
{
	struct walk *w = arg;
	struct sender *tx;
	if (!budget_take(&w->p->rtcp, ITEMS, ITEM_US, w->now_us)) {
		metric_add(&router_rtcp_drops, 1);
		return;
	}
	switch (it->kind) {
	case RTCP_SR:
		on_sr(w, it);
		break;
	case RTCP_REPORT_BLOCK:
		if ((tx = find_sender(w, it->ssrc)))
			reports_block(w->p, tx, it, w->now_us);
		break;
	case RTCP_NACK:
		if ((tx = find_sender(w, it->ssrc)))
			on_nack(tx, it, w->now_us);
		break;
	case RTCP_PLI:
	case RTCP_FIR:
		if ((tx = find_sender(w, it->ssrc)))
			on_wish_keyframe(tx, w->now_us);
		break;
	case RTCP_REMB:
		w->p->remb_bps = it->remb.bps;
		break;
	default:
		break;
	}
}

void feedback_read(struct peer *p, const uint8_t *data, size_t len, int64_t now_us)
{
	struct walk w = { p, now_us, NULL };
	rtcp_walk(data, len, on_item, &w); /* what stands before a malformed packet counts */
}
