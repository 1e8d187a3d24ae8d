/* SPDX-License-Identifier: Apache-2.0 */
#include "../rtp/rtcp.h"
#include "peer.h"

/* Who begins, changes layers or has lost too much wishes for a keyframe; wishes for one SSRC are
 * merged, repeated until it comes, and kept within budgets, for a keyframe costs all who watch:
 *  - a layer brings BURST at once and then one per PACE_US, whoever wishes for them;
 *  - a sender has WISH_BURST wishes of one receiver, and gets one back after 4 s. If it does not
 *    wait for that but asks on, after 8 and 16 s, until it waits again: whoever asks all the time
 *    gets ten at once, and then four a minute;
 *  - of all receivers together it gets one back after 2 s: enough to follow who speaks.
 * A wish that another made already costs nothing. */
#define SILENT_US   (2 * US_PER_S) /* nobody is asked who sends nothing */
#define BURST       8
#define PACE_US     500000
#define WISH_BURST  10 /* a viewer who tries all layers, some time after joining */
#define WISH_US     (4 * US_PER_S)
#define WISH_MAX_US (16 * US_PER_S)
#define ALL_US      (2 * US_PER_S)

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
	int64_t at_us;
	if (!l->wish || !(l->ssrc || rx->peer->is_mirror) || !receiver_open(rx) ||
		layer_silent(l, SILENT_US, now_us))
		return INT64_MAX;
	at_us = budget_when(&l->keyframes, BURST, PACE_US, now_us);
	if (l->asked_us && l->asked_us + KEYFRAME_US > at_us)
		at_us = l->asked_us + KEYFRAME_US;
	if (at_us > now_us)
		return at_us;
	ask(rx, l, now_us);
	return now_us + KEYFRAME_US;
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

static struct wishes *wishes_of(struct sender *tx, const struct receiver *rx)
{
	const struct peer *p = rx->peer;
	struct wishes *w;
	for (unsigned i = 0; i < 2; i++) {
		w = &tx->wishes.of[i];
		if (w->each_us && w->slot == p->slot && w->mindex == rx->t.mindex &&
			w->is_mirror == p->is_mirror)
			return w;
	}
	tx->wishes.newest ^= 1;
	w = &tx->wishes.of[tx->wishes.newest];
	*w = (struct wishes){ .slot = p->slot,
		.mindex = rx->t.mindex,
		.is_mirror = p->is_mirror,
		.each_us = WISH_US };
	return w;
}

static bool afford(struct sender *tx, const struct receiver *rx, int64_t now_us)
{
	struct wishes *w = wishes_of(tx, rx);
	if (budget_when(&tx->wishes.all, WISH_BURST, ALL_US, now_us) > now_us ||
		!budget_take(&w->budget, WISH_BURST, w->each_us, now_us)) {
		if (!w->refused)
			metric_add(&router_wish_drops, 1);
		w->refused = true;
		return false;
	}
	budget_take(&tx->wishes.all, WISH_BURST, ALL_US, now_us);
	w->each_us = w->refused ? 2 * w->each_us : w->each_us / 2;
	if (w->each_us < WISH_US)
		w->each_us = WISH_US;
	if (w->each_us > WISH_MAX_US)
		w->each_us = WISH_MAX_US;
	w->refused = false;
	return true;
}

void keyframe_wish(struct sender *tx, struct receiver *rx, unsigned layer, int64_t now_us)
{
	if (rx->t.kind == CARDEA_VIDEO && (rx->layers[layer].wish || afford(tx, rx, now_us)))
		keyframe_want(rx, layer, now_us);
}

void keyframe_came(struct receiver *rx, unsigned layer, uint32_t ts, int64_t now_us)
{
	struct layer *l = &rx->layers[layer];
	if (l->wish)
		budget_take(&l->keyframes, BURST, PACE_US, now_us);
	l->wish = false;
	if (l->keyframe_seen && l->keyframe_ts == ts)
		return; /* parameter sets and slices of one picture */
	l->keyframe_seen = true;
	l->keyframe_ts = ts;
	l->keyframe_at_us = now_us;
	rx->keyframes++;
}

void keyframe_repeat(void *router)
{
	struct router *r = router;
	int64_t now_us = clock_now_us(), next_us = INT64_MAX;
	RING_EACH(&r->wishing, n) {
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
