/* SPDX-License-Identifier: Apache-2.0 */
#include "../rtp/rtcp.h"
#include "peer.h"

/* What a peer's RTCP says, item by item. */
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
	const struct ssrc_entry *e = demux_find(w->p, it->ssrc);
	if (e && !e->is_rtx)
		report_sr(
			w->p->lines[e->mindex].rx, e->layer, it->sr.ntp, it->sr.rtp_ts, w->now_us);
}

static void on_nack(struct sender *tx, const struct rtcp_item *it, int64_t now_us)
{
	tx->nacks++;
	resend(tx, it->nack.pid, now_us);
	for (unsigned i = 0; i < 16; i++)
		if (it->nack.blp >> i & 1) {
			tx->nacks++;
			resend(tx, (uint16_t)(it->nack.pid + 1 + i), now_us);
		}
}

static void on_keyframe_wish(struct sender *tx, int64_t now_us)
{
	if (sender_layer(tx) && !tx->route.paused)
		keyframe_want(tx->cur.rx, tx->layer, now_us);
	else if (tx->cur.rx)
		select_review(tx, tx->cur.rx, now_us);
}

static void on_item(void *arg, const struct rtcp_item *it)
{
	struct walk *w = arg;
	struct sender *tx;
	switch (it->kind) {
	case RTCP_SR:
		on_sr(w, it);
		break;
	case RTCP_REPORT_BLOCK:
		if ((tx = find_sender(w, it->ssrc)))
			report_block(w->p, tx, it, w->now_us);
		break;
	case RTCP_NACK:
		if ((tx = find_sender(w, it->ssrc)))
			on_nack(tx, it, w->now_us);
		break;
	case RTCP_PLI:
	case RTCP_FIR:
		if ((tx = find_sender(w, it->ssrc)))
			on_keyframe_wish(tx, w->now_us);
		break;
	case RTCP_REMB:
		w->p->remb_bps = it->remb.bps;
		break;
	default:
		break;
	}
}

void router_rtcp(struct router *r, uint32_t slot, const uint8_t *data, size_t len, int64_t now_us)
{
	struct walk w = { peer_get(r, slot), now_us, NULL };
	if (!w.p || !w.p->up)
		return;
	peer_heard_from(w.p, now_us);
	rtcp_walk(data, len, on_item, &w); /* what stands before a malformed packet counts */
}
