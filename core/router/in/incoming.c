/* SPDX-License-Identifier: Apache-2.0 */
#include "../../rtp/rtp.h"
#include "../meter.h"
#include "incoming.h"
#include "keyframe.h"
#include "level.h"
#include "pace.h"

#define CACHE_VIDEO 512
#define CACHE_AUDIO 64
#define RTX_AHEAD   NACK_WINDOW
#define HELD_SHARE  1024 /* of the bursts of one peer */
#define KEEP_SHARE  4096 /* packets of one peer in its caches: half a second of 75 Mbit/s */
#define KEEP_LEAST  64   /* however little is left */

/* ---- life ---- */

enum err incoming_apply(struct receiver *rx, const struct track *t)
{
	/* Redundant audio that was kept would be read with other payload types than it has. */
	bool red = rx->t.red_pt != t->red_pt || (t->red_pt && rx->t.pt != t->pt);
	bool anew = rx->t.codec != t->codec || red || (rx->t.dir ^ t->dir) & CARDEA_RECV;
	enum err e;
	receiver_drop_held(rx);
	rx->t = *t;
	rx->span_us = rx->peer->r->conf.nack_history_us;
	if ((e = receiver_set_layers(rx, t->n_layers ? t->n_layers : 1)) ||
		(e = receiver_set_feedback(rx)))
		return e;
	for (unsigned i = 0; i < rx->n_layers; i++) {
		if (t->ssrc[i])
			receiver_bind(rx, i, t->ssrc[i], false);
		if (t->rtx_ssrc[i])
			receiver_bind(rx, i, t->rtx_ssrc[i], true);
		if (anew)
			receiver_restart(rx, i);
		/* Who stops it by negotiation knows; its next packet is told again. */
		if (!(t->dir & CARDEA_RECV))
			rx->layers[i].on = false;
	}
	if (!(t->dir & CARDEA_RECV))
		level_end(rx);
	if (!rx->peer->is_mirror)
		rx->version = ++rx->peer->r->next_gen;
	return OK;
}

void incoming_end(struct receiver *rx)
{
	if (rx)
		level_end(rx);
	receiver_free(rx);
}

/* ---- packets ---- */

void incoming_alive(struct receiver *rx, unsigned layer, bool newer, int64_t now_us)
{
	struct layer *l = &rx->layers[layer];
	struct router *r = rx->peer->r;
	if (newer)
		pace_learn(l, now_us);
	l->last_at_us = now_us;
	if (rx->n_layers > 1)
		pace_compare(rx, layer, now_us);
	if (l->on || rx->peer->is_mirror || rx->peer->is_source)
		return;
	l->on = true;
	r->ops->receiving(r->arg, rx->peer->slot, rx->t.mindex, substream_of(rx, layer), true, 0);
}

/* Undo RFC 4588: the original's number is in the first two bytes. @return false: padding, or far
 * off. */
static bool unwrap(struct receiver *rx, struct layer *l, struct pkt *k)
{
	uint16_t osn;
	int d;
	if (k->payload_len < 2 || !l->rx.started)
		return false;
	osn = rd16(k->data + k->payload);
	d = (int16_t)(osn - l->rx.max_seq);
	if (d <= -RECENT_SEQS || d > RTX_AHEAD)
		return false;
	l->retransmissions++;
	k->seq = osn;
	k->payload = (uint16_t)(k->payload + 2);
	k->payload_len = (uint16_t)(k->payload_len - 2);
	k->pt = rx->t.pt;
	k->ssrc = l->ssrc;
	return true;
}

/* Keep a packet for the routes. */
static void hold(struct receiver *rx, unsigned layer, struct pkt *k,
	const struct payload_info *info, bool drop)
{
	struct router *r = rx->peer->r;
	const struct layer *l = &rx->layers[layer];
	struct held *h = NULL;
	if (rx->n_held < HELD_MAX && rx->peer->n_held < HELD_SHARE)
		h = pool_take(r->held);
	if (!h) {
		metric_add(&router_share_drops, 1);
		return;
	}
	*h = (struct held){ NULL, pkt_ref(k), l->gen, (uint8_t)layer, drop, l->rx.max_seq, *info };
	rx->peer->n_held++;
	*rx->held_end = h;
	rx->held_end = &h->next;
	if (!rx->n_held++) {
		rx->held_since_us = k->at_us;
		rx->held_whole = false;
		if (!node_linked(&rx->due))
			node_add(&r->due, &rx->due);
	}
	rx->held_whole |= k->marker || rx->t.kind == CARDEA_AUDIO || rx->n_held >= HELD_MAX / 2;
}

/* No peer has more of the pool than it leaves to the others. */
static bool has_share(const struct peer *p, const struct pkt *k)
{
	unsigned most = pool_left(k->pool);
	if (most > KEEP_SHARE)
		most = KEEP_SHARE;
	if (most < KEEP_LEAST)
		most = KEEP_LEAST;
	return p->n_kept < most;
}

static void keep(struct receiver *rx, struct layer *l, struct pkt *k)
{
	if (l->unkept && (int16_t)(k->seq - l->unkept_seq) > 2 * RECENT_SEQS)
		l->unkept = false; /* long ago */
	if (!l->cache)
		l->cache = cache_create(
			rx->t.kind == CARDEA_AUDIO ? CACHE_AUDIO : CACHE_VIDEO, &rx->peer->n_kept);
	if (!l->cache)
		return;
	if (!has_share(rx->peer, k)) {
		metric_add(&router_share_drops, 1);
		if (!cache_drop_oldest(l->cache)) {
			receiver_missed(l, k->seq);
			return;
		}
	}
	cache_put(l->cache, k, rx->span_us);
}

/* Loss, jitter and numbering. @return false: go no further with it. */
static bool account(struct receiver *rx, unsigned layer, bool is_rtx, struct pkt *k, int64_t now_us)
{
	struct layer *l = &rx->layers[layer];
	l->packets++;
	l->bytes += k->len;
	if (is_rtx)
		return unwrap(rx, l, k);
	switch (reception_seen(&l->rx, k->seq, k->ts, rx->t.clock_hz, now_us)) {
	case SEQ_STRAY:
		return false;
	case SEQ_RESTART:
		l->gen = ++rx->peer->r->next_gen;
		cache_clear(l->cache);
		if (l->nack)
			nack_restart(l->nack);
		l->reported_lost = 0;
		l->unkept = false;
		return true;
	default:
		return true;
	}
}

/* Does it begin a frame that is newer than all before? */
static bool begins_frame(struct layer *l, bool is_rtx, const struct pkt *k)
{
	if (is_rtx || k->seq != l->rx.max_seq || (k->ts == l->frame_ts && l->frames))
		return false;
	l->frame_ts = k->ts;
	return true;
}

/* Padding, or a payload type that was not agreed on. */
static void leave_out(struct receiver *rx, struct layer *l, const struct pkt *k, int64_t now_us)
{
	receiver_missed(l, k->seq);
	if (k->payload_len)
		rx->odd_us = now_us;
}

void incoming_rtp(struct receiver *rx, unsigned layer, bool is_rtx, struct pkt *k, int64_t now_us)
{
	struct layer *l = &rx->layers[layer];
	struct payload_info info;
	bool drop;
	if (!account(rx, layer, is_rtx, k, now_us))
		return;
	incoming_alive(rx, layer, begins_frame(l, is_rtx, k), now_us);
	if (l->cache && cache_get(l->cache, k->seq))
		return; /* a repeat */
	if (l->nack && nack_seen(l->nack, k->seq, now_us))
		receiver_nack_soon(rx, now_us);
	receiver_look(rx, l, k, &info);
	if (rx->t.kind == CARDEA_VIDEO) {
		if (info.is_keyframe && info.starts_frame) {
			keyframe_came(rx, layer, k->ts, now_us);
			if (l->nack)
				nack_keyframe(l->nack, k->seq);
		}
		if (l->wish && now_us - l->asked_us >= KEYFRAME_US)
			keyframe_want(rx, layer, now_us); /* it was silent, and has come back */
		rx->peer->twcc_media = l->ssrc;
	} else if (rx->watch.packets && !rx->muted) {
		level_seen(rx, k, now_us);
	}
	if (rx->muted || ring_empty(&rx->consumers)) {
		receiver_missed(l, k->seq);
		return;
	}
	/* padding, and payload types that were not agreed on, take up numbers but carry nothing for
	 * anyone */
	drop = (k->pt != rx->t.pt && !info.red_primary) || !k->payload_len;
	if (drop)
		leave_out(rx, l, k, now_us);
	else
		keep(rx, l, k);
	hold(rx, layer, k, &info, drop);
}
