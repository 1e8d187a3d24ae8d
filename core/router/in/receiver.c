/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include "../../rtp/rtp.h"
#include "receiver.h"

/* ---- life ---- */

struct receiver *receiver_new(struct peer *p, const struct receiver_ops *ops)
{
	struct receiver *rx = calloc(1, sizeof *rx);
	if (!rx)
		return NULL;
	rx->peer = p;
	rx->held_end = &rx->held;
	rx->ops = ops;
	ring_init(&rx->consumers);
	return rx;
}

static void layer_clear(struct layer *l)
{
	cache_destroy(l->cache);
	free(l->nack);
	free(l->dd);
}

static void unbind(struct receiver *rx, unsigned layer)
{
	struct layer *l = &rx->layers[layer];
	peer_ssrc_forget(rx->peer, l->ssrc);
	peer_ssrc_forget(rx->peer, l->rtx_ssrc);
	l->ssrc = l->rtx_ssrc = 0;
}

enum err receiver_set_layers(struct receiver *rx, unsigned n)
{
	struct layer *layers;
	if (n == rx->n_layers)
		return OK;
	if (!(layers = calloc(n, sizeof *layers)))
		return ERR_FULL;
	for (unsigned i = 0; i < rx->n_layers; i++) {
		unbind(rx, i);
		layer_clear(&rx->layers[i]);
	}
	free(rx->layers);
	rx->layers = layers;
	rx->n_layers = n;
	for (unsigned i = 0; i < n; i++)
		receiver_restart(rx, i);
	return OK;
}

enum err receiver_set_feedback(struct receiver *rx)
{
	bool wants = rx->t.feedback & CARDEA_FB_NACK;
	for (unsigned i = 0; i < rx->n_layers; i++) {
		struct layer *l = &rx->layers[i];
		if (wants && !l->nack && !(l->nack = calloc(1, sizeof *l->nack)))
			return ERR_FULL;
		if (!wants) {
			free(l->nack);
			l->nack = NULL;
		}
	}
	return OK;
}

void receiver_restart(struct receiver *rx, unsigned layer)
{
	struct layer *l = &rx->layers[layer];
	l->gen = ++rx->peer->r->next_gen;
	l->max_temporal = l->max_spatial = -1;
	l->keyframe_seen = l->has_sr = l->unkept = false;
	l->rx = (struct reception){ 0 };
	l->reported_lost = 0;
	cache_clear(l->cache);
	if (l->nack)
		nack_restart(l->nack);
}

void receiver_free(struct receiver *rx)
{
	if (!rx)
		return;
	receiver_drop_held(rx);
	node_del(&rx->nacking);
	node_del(&rx->wishing);
	for (unsigned i = 0; i < rx->n_layers; i++)
		layer_clear(&rx->layers[i]);
	free(rx->layers);
	free(rx);
}

/* ---- SSRCs ---- */

static void lose_ssrc(struct layer *l)
{
	l->ssrc = 0;
	if (l->nack)
		nack_restart(l->nack); /* there is nobody to ask */
}

void receiver_bind(struct receiver *rx, unsigned layer, uint32_t ssrc, bool is_rtx)
{
	struct peer *p = rx->peer;
	uint32_t *mine = is_rtx ? &rx->layers[layer].rtx_ssrc : &rx->layers[layer].ssrc;
	const struct ssrc_entry *e = peer_ssrc_find(p, ssrc);
	struct ssrc_entry fresh = { ssrc, rx->t.mindex, (uint8_t)layer, is_rtx };
	if (*mine == ssrc)
		return;
	if (e) { /* claimed from another track: the last word counts */
		struct receiver *other = p->lines[e->mindex].rx;
		if (e->is_rtx)
			other->layers[e->layer].rtx_ssrc = 0;
		else
			lose_ssrc(&other->layers[e->layer]);
		peer_ssrc_forget(p, ssrc);
	}
	peer_ssrc_forget(p, *mine);
	*mine = 0;
	if (!peer_ssrc_put(p, &fresh))
		return;
	*mine = ssrc;
	if (!is_rtx)
		receiver_restart(rx, layer);
}

/* ---- packets that wait ---- */

static void drop_list(struct receiver *rx, struct held **list)
{
	struct held *h;
	while ((h = *list)) {
		*list = h->next;
		pkt_drop(h->k);
		pool_give(rx->peer->r->held, h);
		rx->peer->n_held--;
	}
}

void receiver_drop_leaving(struct receiver *rx)
{
	drop_list(rx, &rx->leaving);
	rx->n_leaving = 0;
}

void receiver_drop_held(struct receiver *rx)
{
	receiver_drop_leaving(rx);
	drop_list(rx, &rx->held);
	rx->held_end = &rx->held;
	rx->n_held = 0;
	node_del(&rx->due);
}

void receiver_missed(struct layer *l, uint16_t seq)
{
	if (!l->unkept || seq_after(seq, l->unkept_seq))
		l->unkept_seq = seq;
	l->unkept = true;
}

void receiver_nack_soon(struct receiver *rx, int64_t now_us)
{
	struct router *r = rx->peer->r;
	if (!node_linked(&rx->nacking))
		node_add(&r->nacking, &rx->nacking);
	if (!wheel_armed(&r->nack_timer) || r->nack_timer.at_us > now_us + NACK_FIRST_US)
		wheel_set(r->wheel, &r->nack_timer, now_us + NACK_FIRST_US);
}

/* ---- payloads and headers ---- */

void receiver_look_again(const struct receiver *rx, const struct pkt *k, struct payload_info *info)
{
	payload_look(rx->t.codec, k->data + k->payload, k->payload_len, NULL, 0, info);
	if (rx->t.red_pt && k->pt == rx->t.red_pt)
		info->red_primary = red_look(k->data + k->payload, k->payload_len, rx->t.pt);
}

void receiver_look(
	const struct receiver *rx, struct layer *l, const struct pkt *k, struct payload_info *info)
{
	const uint8_t *dd;
	size_t len;
	receiver_look_again(rx, k, info);
	if (rx->t.codec == CARDEA_AV1 && (dd = track_ext(&rx->t, k, CARDEA_EXT_DEPENDENCY, &len))) {
		if (!l->dd && !(l->dd = calloc(1, sizeof *l->dd)))
			return;
		dd_look(l->dd, dd, len, info);
	}
	if (info->temporal > l->max_temporal)
		l->max_temporal = info->temporal;
	if (info->spatial > l->max_spatial)
		l->max_spatial = info->spatial;
}
