/* SPDX-License-Identifier: Apache-2.0 */
#include "../rtp/rtcp.h"
#include "peer.h"

#define SILENT_US (2 * US_PER_S) /* nobody is asked who sends nothing */

static void ask(struct receiver *rx, struct layer *l, int64_t now_us)
{
	struct router *r = rx->peer->r;
	uint8_t data[64];
	struct rtcp_buf b = { data, 0, sizeof data, false };
	uint32_t us = peer_ssrc(rx->peer);
	l->asked_us = now_us;
	if (rx->peer->is_mirror) {
		mirror_wish(rx, (unsigned)(l - rx->layers));
		return;
	}
	report_open(&b, rx->peer);
	if (rx->t.feedback & CARDEA_FB_PLI)
		rtcp_put_pli(&b, us, l->ssrc);
	else if (rx->t.feedback & CARDEA_FB_FIR)
		rtcp_put_fir(&b, us, l->ssrc, l->fir_seq++);
	else
		return;
	r->ops->send_rtcp(r->arg, rx->peer->slot, data, b.len);
}

/* Ask now, or see to it that somebody does later. @return when to look again, INT64_MAX: when it
 * brings packets. */
static int64_t pursue(struct receiver *rx, struct layer *l, int64_t now_us)
{
	if (!l->wish || !(l->ssrc || rx->peer->is_mirror) || !receiver_open(rx) || now_us - l->last_at_us > SILENT_US)
		return INT64_MAX;
	if (!l->asked_us || now_us - l->asked_us >= KEYFRAME_US)
		ask(rx, l, now_us);
	return l->asked_us + KEYFRAME_US;
}

static void look_again(struct receiver *rx, int64_t at_us)
{
	struct router *r = rx->peer->r;
	if (at_us == INT64_MAX)
		return;
	if (!node_linked(&rx->wishing))
		node_add(&r->wishing, &rx->wishing);
	if (!wheel_armed(&r->wish_timer) || r->wish_timer.at_us > at_us)
		wheel_set(r->wheel, &r->wish_timer, at_us);
}

void keyframe_want(struct receiver *rx, unsigned layer, int64_t now_us)
{
	struct layer *l = &rx->layers[layer];
	if (rx->t.kind != CARDEA_VIDEO)
		return;
	l->wish = true;
	look_again(rx, pursue(rx, l, now_us));
}

void keyframe_came(struct receiver *rx, unsigned layer, uint32_t ts)
{
	struct layer *l = &rx->layers[layer];
	l->wish = false;
	if (l->keyframe_seen && l->keyframe_ts == ts)
		return; /* parameter sets and slices of one picture */
	l->keyframe_seen = true;
	l->keyframe_ts = ts;
	rx->keyframes++;
}

void keyframe_repeat(void *router)
{
	struct router *r = router;
	int64_t now_us = clock_now_us(), next_us = INT64_MAX;
	RING_EACH(&r->wishing, n)
	{
		struct receiver *rx = NODE_OF(n, struct receiver, wishing);
		int64_t at_us = INT64_MAX;
		for (unsigned i = 0; i < rx->n_layers; i++) {
			int64_t t = pursue(rx, &rx->layers[i], now_us);
			at_us = t < at_us ? t : at_us;
		}
		if (at_us == INT64_MAX)
			node_del(n);
		next_us = at_us < next_us ? at_us : next_us;
	}
	if (next_us != INT64_MAX)
		wheel_set(r->wheel, &r->wish_timer, next_us);
}
