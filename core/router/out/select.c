/* SPDX-License-Identifier: Apache-2.0 */
#include "../../rtp/rtp.h"
#include "../in/keyframe.h"
#include "select.h"
#include "wish.h"

/* Caps of a route count from 1, layers from 0: max_layer 2 lets layers 0 and 1 pass, 0 all. Of
 * three layers, capped at 2, layer 1 is the target as long as it keeps up (layer_alive()). It
 * stops: layer 0 is the target, a keyframe of it is asked for, and it is carried from that on.
 * Layer 1 comes again: from its next keyframe on it is carried again. Layer 2 never is.
 *
 * Temporal layers go down at once, and up where a packet is marked for it (switch_up): with cap 3,
 * carrying temporal layer 0, layer 1 begins at a packet of 1 that looks back to 0 alone. */
#define NO_CAP     7
#define TELL_BURST 6      /* reports about one sender at once … */
#define TELL_US    400000 /* … and between two from then on */

static int cap_of(uint8_t wanted, int none)
{
	return wanted ? wanted - 1 : none;
}

static int temporal_cap(const struct sender *tx, const struct receiver *rx)
{
	return cap_of(rx->t.svc ? tx->route.max_svc_temporal : tx->route.max_temporal, NO_CAP);
}

int select_target(const struct sender *tx, const struct receiver *rx)
{
	int i = cap_of(tx->route.max_layer, CARDEA_LAYERS - 1);
	if (i >= (int)rx->n_layers)
		i = (int)rx->n_layers - 1;
	while (i >= 0 && !layer_alive(&rx->layers[i], tx->route.fallback_us))
		i--;
	return i;
}

unsigned select_wanted(const struct sender *tx, const struct receiver *rx)
{
	int want = select_target(tx, rx);
	unsigned layers = want < 0 ? UINT8_MAX : 1u << want;
	if (rx == tx->cur.rx && tx->on)
		layers |= 1u << tx->layer;
	return layers & ((1u << rx->n_layers) - 1);
}

static bool carries(const struct sender *tx, const struct receiver *rx, unsigned layer)
{
	return rx == tx->cur.rx && tx->on && tx->layer == layer && tx->gen == rx->layers[layer].gen;
}

static bool sender_open(const struct sender *tx, const struct receiver *rx)
{
	return tx->peer->up && tx->t.dir & CARDEA_SEND && !tx->route.paused && receiver_open(rx) &&
	       rx->t.codec == tx->t.codec && rx->t.kind == tx->t.kind &&
	       !(tx->peer->is_silent && tx->t.kind == CARDEA_VIDEO);
}

void select_expire(struct sender *tx, int64_t now_us)
{
	if (tx->next.rx && now_us >= tx->switch_by_us)
		sender_promote(tx);
}

void select_review(struct sender *tx, struct receiver *rx, int64_t now_us)
{
	int want;
	if (rx != tx->cur.rx && rx != tx->next.rx)
		return; /* let go meanwhile */
	if (!sender_open(tx, rx)) {
		if (rx == tx->cur.rx)
			tx->on = false;
		return;
	}
	if (rx->t.kind != CARDEA_VIDEO || (rx == tx->cur.rx && tx->next.rx && tx->on))
		return;
	want = select_target(tx, rx);
	if (want < 0) {
		/* nothing has come yet: the wish waits for it */
		for (unsigned i = 0; i < rx->n_layers; i++)
			if (!rx->layers[i].last_at_us)
				keyframe_want(rx, i, now_us);
		return;
	}
	if (!carries(tx, rx, (unsigned)want))
		wish_keyframe(tx, rx, (unsigned)want, now_us);
	else if (tx->spatial < cap_of(tx->route.max_spatial, NO_CAP) &&
		 tx->spatial < rx->layers[want].max_spatial)
		wish_keyframe(tx, rx, (unsigned)want, now_us);
}

static void begin(struct sender *tx, struct receiver *rx, const struct held *h)
{
	struct source *s = &tx->sources[tx->source & 3];
	if (tx->rw->bound) {
		tx->carried[s->layer].gen = s->gen;
		tx->carried[s->layer].seq = tx->rw->in_hi;
		tx->carried[s->layer].at_us = h->k->at_us;
	}
	if (rx == tx->next.rx)
		sender_promote(tx);
	tx->on = tx->asked = true; /* whoever made the keyframe come */
	tx->layer = h->layer;
	tx->gen = h->gen;
	tx->temporal = (int8_t)temporal_cap(tx, rx);
	tx->spatial = (int8_t)cap_of(tx->route.max_spatial, NO_CAP);
	rewrite_cut(tx->rw);
	s = &tx->sources[++tx->source & 3];
	*s = (struct source){ rx->peer->slot, h->gen, rx->t.mindex, h->layer, tx->source,
		rx->peer->is_mirror };
}

/* Nobody sees a picture twice. What was carried so long ago is not in a cache any more, and its
 * numbers may have come round. */
static bool was_carried(const struct sender *tx, const struct held *h)
{
	return tx->carried[h->layer].gen == h->gen &&
	       h->k->at_us - tx->carried[h->layer].at_us < 2 * SPAN_MAX_US &&
	       !seq_after(h->k->seq, tx->carried[h->layer].seq);
}

/* May a keyframe of another layer take over from what is carried? */
static bool takes_over(const struct sender *tx, const struct receiver *rx, const struct held *h)
{
	const struct layer *l = &rx->layers[h->layer];
	int want = select_target(tx, rx);
	if ((int)h->layer > want)
		return false;
	if (l->unkept && seq_after(l->unkept_seq, h->k->seq))
		return false; /* a late one, and what came after it cannot be had any more */
	if (was_carried(tx, h))
		return false;
	if (rx != tx->cur.rx || !sender_layer(tx))
		return true;
	return h->layer > tx->layer || (int)h->layer == want;
}

bool select_layer(struct sender *tx, struct receiver *rx, const struct held *h)
{
	bool is_cur = rx == tx->cur.rx;
	if ((!is_cur && rx != tx->next.rx) || !sender_open(tx, rx))
		return false;
	if (is_cur && tx->on && h->layer == tx->layer && h->gen == tx->gen)
		return true;
	if (h->drop || (is_cur && tx->on && tx->next.rx))
		return false; /* on the way to another source nothing else is begun */
	if (rx->t.kind == CARDEA_VIDEO &&
		(!h->info.is_keyframe || !h->info.starts_frame || !takes_over(tx, rx, h)))
		return false;
	if (sender_prepare(tx))
		return false;
	begin(tx, rx, h);
	return true;
}

static void review_temporal(
	struct sender *tx, const struct receiver *rx, const struct payload_info *info)
{
	int cap = temporal_cap(tx, rx);
	if (info->is_keyframe || tx->temporal > cap) {
		tx->temporal = (int8_t)cap;
	} else if (info->switch_up && tx->temporal < cap) {
		/* VP9 (RFC 9628, U): what follows does not look back past this picture. VP8 (RFC
		 * 7741, Y) and AV1: this one does not. */
		if (rx->t.codec == CARDEA_VP9 && info->temporal <= tx->temporal)
			tx->temporal = (int8_t)cap;
		else if (info->temporal == tx->temporal + 1)
			tx->temporal++;
	}
}

static void review_spatial(struct sender *tx, const struct payload_info *info)
{
	int cap = cap_of(tx->route.max_spatial, NO_CAP);
	if (info->spatial == 0 && (info->is_keyframe || tx->spatial > cap))
		tx->spatial = (int8_t)cap;
}

/* What a source sends again from its last keyframe is carried by who asked for one, and by nobody
 * else. They leave out what comes meanwhile: it is among what is sent again. Of 50, 51, 48', 49',
 * 52, 50', 51', 52' the first carries 50, 51, 52, and who asked 48' … 52'; then both go on with
 * 53. */
static bool is_for_others(struct sender *tx, const struct held *h)
{
	bool again = h->k->again;
	if (h->info.is_keyframe && h->info.starts_frame && (!again || tx->asked)) {
		tx->catches_up = again;
		tx->asked = false;
	}
	if (again != tx->catches_up)
		return true;
	if (h->k->again == PKT_AGAIN_LAST)
		tx->catches_up = false;
	return false;
}

bool select_drop(struct sender *tx, const struct receiver *rx, const struct held *h)
{
	const struct payload_info *info = &h->info;
	if (h->drop)
		return true;
	if (rx->t.kind == CARDEA_VIDEO && is_for_others(tx, h))
		return true;
	if (info->starts_frame && rewrite_is_newest(tx->rw, h->k)) {
		if (info->temporal >= 0)
			review_temporal(tx, rx, info);
		if (info->spatial >= 0)
			review_spatial(tx, info);
	}
	return info->temporal > tx->temporal || info->spatial > tx->spatial;
}

static int8_t lesser(int8_t a, int8_t b)
{
	return a < b ? a : b;
}

static void tell(struct sender *tx)
{
	struct router *r = tx->peer->r;
	tx->told = tx->untold;
	tx->has_untold = false;
	r->ops->layer(r->arg, tx->peer->slot, tx->t.mindex, tx->told.substream, tx->told.temporal,
		tx->told.spatial);
}

void select_tell(struct sender *tx, const struct layer *l, int64_t now_us)
{
	struct passing now = { (int8_t)substream_of(tx->cur.rx, tx->layer),
		lesser(tx->temporal, l->max_temporal), lesser(tx->spatial, l->max_spatial) };
	tx->has_untold = now.substream != tx->told.substream || now.temporal != tx->told.temporal ||
			 now.spatial != tx->told.spatial;
	if (!tx->has_untold)
		return;
	tx->untold = now;
	if (budget_take(&tx->tells, TELL_BURST, TELL_US, now_us))
		tell(tx);
}

void select_tell_rest(struct sender *tx)
{
	if (tx->has_untold)
		tell(tx);
}
