/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include "../rtp/rtp.h"
#include "peer.h"

#define HELD_POOL 65536

struct router *router_create(const struct router_conf *conf, struct wheel *wheel,
	const struct router_ops *ops, void *arg)
{
	struct router *r = calloc(1, sizeof *r);
	if (!r)
		return NULL;
	r->conf = *conf;
	r->wheel = wheel;
	r->ops = ops;
	r->arg = arg;
	digest_key_make(&r->digest_key);
	r->wall_off_us = (uint64_t)clock_wall_us() - (uint64_t)clock_now_us();
	ring_init(&r->due);
	ring_init(&r->nacking);
	ring_init(&r->wishing);
	ring_init(&r->feedback);
	ring_init(&r->mirroring);
	for (unsigned i = 0; i < TICKS; i++)
		ring_init(&r->ticks[i]);
	r->nack_timer = (struct wheel_timer){ .fn = ask_nacks, .arg = r };
	r->wish_timer = (struct wheel_timer){ .fn = keyframe_repeat, .arg = r };
	r->twcc_timer = (struct wheel_timer){ .fn = ask_feedback, .arg = r };
	r->mirror_timer = (struct wheel_timer){ .fn = mirror_review, .arg = r };
	r->tick_timer = (struct wheel_timer){ .fn = report_tick, .arg = r };
	r->peers = calloc(conf->max_peers ? conf->max_peers : 1, sizeof *r->peers);
	r->held = pool_create("held packets", sizeof(struct held), HELD_POOL);
	if (!r->peers || !r->held) {
		router_destroy(r);
		return NULL;
	}
	return r;
}

void router_destroy(struct router *r)
{
	if (!r)
		return;
	for (unsigned i = 0; r->peers && i < r->conf.max_peers; i++)
		router_peer_close(r, i);
	RING_EACH(&r->mirroring, n)
		mirror_close(NODE_OF(n, struct peer, mirror.node));
	wheel_cancel(r->wheel, &r->mirror_timer);
	wheel_cancel(r->wheel, &r->nack_timer);
	wheel_cancel(r->wheel, &r->wish_timer);
	wheel_cancel(r->wheel, &r->twcc_timer);
	wheel_cancel(r->wheel, &r->tick_timer);
	pool_destroy(r->held);
	free(r->peers);
	free(r->mirrors);
	free(r);
}

/* Who has fallen silent before may have to be told of now. */
static bool brings_packets(const struct peer *p)
{
	for (unsigned i = 0; i < p->n_lines; i++)
		for (unsigned l = 0; p->lines[i].rx && l < p->lines[i].rx->n_layers; l++)
			if (p->lines[i].rx->layers[l].on)
				return true;
	return false;
}

void router_tune(struct router *r, const struct router_tuning *t)
{
	r->conf.nack_history_us = t->nack_history_us;
	r->conf.no_media_s = t->no_media_s;
	r->conf.slowlink_threshold = t->slowlink_threshold;
	for (unsigned i = 0; i < r->conf.max_peers; i++)
		if (r->peers[i] && brings_packets(r->peers[i]))
			peer_touch(r->peers[i]);
}

/* ---- looking up ---- */

struct peer *peer_get(const struct router *r, uint32_t slot)
{
	return slot < r->conf.max_peers ? r->peers[slot] : NULL;
}

static struct mline *line_get(const struct router *r, uint32_t slot, unsigned mindex)
{
	struct peer *p = peer_get(r, slot);
	return p && mindex < p->n_lines ? &p->lines[mindex] : NULL;
}

struct receiver *receiver_get(const struct router *r, uint32_t slot, unsigned mindex)
{
	struct mline *l = line_get(r, slot, mindex);
	return l ? l->rx : NULL;
}

struct sender *sender_get(const struct router *r, uint32_t slot, unsigned mindex)
{
	struct mline *l = line_get(r, slot, mindex);
	return l ? l->tx : NULL;
}

uint32_t peer_ssrc(const struct peer *p)
{
	for (unsigned i = 0; i < p->n_lines; i++)
		if (p->lines[i].tx && p->lines[i].tx->t.dir & CARDEA_SEND)
			return p->lines[i].tx->t.out_ssrc;
	return 1; /* what browsers say when they only receive */
}

/* ---- peers ---- */

enum err router_peer_open(struct router *r, uint32_t slot)
{
	struct peer *p;
	if (slot >= r->conf.max_peers)
		return ERR_FULL;
	if (r->peers[slot])
		return ERR_EXISTS;
	if (!(p = calloc(1, sizeof *p)))
		return ERR_FULL;
	p->r = r;
	p->slot = slot;
	p->twcc_out = 1;
	r->peers[slot] = p;
	return OK;
}

void router_peer_close(struct router *r, uint32_t slot)
{
	struct peer *p = peer_get(r, slot);
	if (!p)
		return;
	for (unsigned i = 0; i < p->n_lines; i++) {
		sender_free(p->lines[i].tx);
		receiver_free(p->lines[i].rx);
	}
	if (node_linked(&p->tick))
		r->n_ticking--;
	node_del(&p->tick);
	node_del(&p->feedback);
	free(p->twcc);
	free(p->ssrcs);
	free(p->lines);
	free(p);
	r->peers[slot] = NULL;
}

static void review_senders(struct peer *p, int64_t now_us)
{
	for (unsigned i = 0; i < p->n_lines; i++) {
		struct sender *tx = p->lines[i].tx;
		if (tx && tx->cur.rx)
			select_review(tx, tx->cur.rx, now_us);
	}
}

void router_peer_up(struct router *r, uint32_t slot)
{
	struct peer *p = peer_get(r, slot);
	int64_t now_us = clock_now_us();
	if (!p || p->up)
		return;
	p->up = true;
	p->heard_us = now_us;
	review_senders(p, now_us);
}

void peer_heard_from(struct peer *p, int64_t now_us)
{
	p->heard_us = now_us;
	if (!p->is_silent)
		return;
	p->is_silent = false;
	review_senders(p, now_us);
}

void router_heard(struct router *r, uint32_t slot, int64_t now_us)
{
	struct peer *p = peer_get(r, slot);
	if (p && p->up)
		peer_heard_from(p, now_us);
}

void router_moved(struct router *r, uint32_t slot)
{
	const struct peer *p = peer_get(r, slot);
	for (unsigned i = 0; p && p->up && i < p->n_lines; i++) {
		const struct sender *tx = p->lines[i].tx;
		if (tx && tx->on && tx->cur.rx && tx->t.kind == CARDEA_VIDEO)
			keyframe_want(tx->cur.rx, tx->layer, clock_now_us());
	}
}

void peer_touch(struct peer *p)
{
	struct router *r = p->r;
	if (node_linked(&p->tick))
		return;
	node_add(&r->ticks[p->slot % TICKS], &p->tick);
	if (!r->n_ticking++)
		report_begin(r, clock_now_us());
}

/* ---- tracks ---- */

enum err peer_lines(struct peer *p, unsigned mindex)
{
	struct mline *lines;
	if (mindex < p->n_lines)
		return OK;
	if (mindex >= CARDEA_MEDIA_MAX ||
		!(lines = realloc(p->lines, (mindex + 1) * sizeof *lines)))
		return ERR_FULL;
	memset(lines + p->n_lines, 0, (mindex + 1 - p->n_lines) * sizeof *lines);
	p->lines = lines;
	p->n_lines = mindex + 1;
	return OK;
}

/* Without the extensions that go the other way: packets are looked at by id alone. */
static struct track without(const struct track *t, uint16_t exts)
{
	struct track less;
	memcpy(&less, t, sizeof less); /* padding too: tracks are compared as bytes */
	for (unsigned x = 0; x < CARDEA_N_EXT; x++)
		if (exts & 1u << x)
			less.ext[x] = 0;
	return less;
}

static enum err apply_receiver(struct peer *p, struct mline *l, const struct track *t)
{
	const struct track heard = without(t, t->ext_send_only);
	if (!l->rx) {
		if (!(t->dir & CARDEA_RECV))
			return OK;
		if (!(l->rx = receiver_new(p)))
			return ERR_FULL;
	}
	return receiver_apply(l->rx, &heard);
}

static enum err apply_sender(struct peer *p, struct mline *l, const struct track *t)
{
	const struct track said = without(t, t->ext_recv_only);
	if (!l->tx) {
		if (!(t->dir & CARDEA_SEND) || !t->out_ssrc)
			return OK;
		if (!(l->tx = calloc(1, sizeof *l->tx)))
			return ERR_FULL;
		l->tx->peer = p;
		l->tx->cur.tx = l->tx->next.tx = l->tx;
		l->tx->told = (struct passing){ -1, -1, -1 };
		l->tx->again.left = AGAIN_FIRST;
	}
	return sender_apply(l->tx, &said);
}

/* One session has one form of RTCP (RFC 8859: IDENTICAL). */
static bool agrees_on_rsize(const struct peer *p)
{
	bool any = false;
	for (unsigned i = 0; i < p->n_lines; i++) {
		const struct mline *l = &p->lines[i];
		const struct track *t = l->rx && l->rx->t.dir ? &l->rx->t : NULL;
		if (!t && l->tx && l->tx->t.dir)
			t = &l->tx->t;
		if (t && !t->rtcp_rsize)
			return false;
		any |= t != NULL;
	}
	return any;
}

enum err router_track(struct router *r, uint32_t slot, const struct track *t)
{
	struct peer *p = peer_get(r, slot);
	struct mline *l;
	enum err e;
	if (!p)
		return ERR_NOT_FOUND;
	if (t->kind != CARDEA_AUDIO && t->kind != CARDEA_VIDEO)
		return OK; /* nothing to route */
	if (t->n_layers > CARDEA_LAYERS)
		return ERR_INVALID;
	if ((e = peer_lines(p, t->mindex)))
		return e;
	l = &p->lines[t->mindex];
	if ((e = apply_receiver(p, l, t)) || (e = apply_sender(p, l, t)))
		return e;
	p->rtcp_rsize = agrees_on_rsize(p);
	return OK;
}

void router_mute(struct router *r, uint32_t slot, unsigned mindex, bool muted)
{
	struct receiver *rx = receiver_get(r, slot, mindex);
	if (!rx || rx->muted == muted)
		return;
	rx->muted = muted;
	if (muted)
		level_end(rx);
	for (unsigned i = 0; i < rx->n_layers; i++)
		rx->layers[i].gen = ++r->next_gen; /* what comes after must begin with a keyframe */
	if (!muted)
		router_keyframe(r, slot, mindex);
}

void router_keyframe(struct router *r, uint32_t slot, unsigned mindex)
{
	struct receiver *rx = receiver_get(r, slot, mindex);
	if (!rx)
		return;
	for (unsigned i = 0; i < rx->n_layers; i++)
		keyframe_want(rx, i, clock_now_us());
}

/* ---- packets ---- */

/* Its transport-wide number, by the ids of its m-line. */
static void note_arrival(struct peer *p, const struct track *t, const struct pkt *k, int64_t now_us)
{
	size_t len;
	const uint8_t *seq = t ? track_ext(t, k, CARDEA_EXT_TWCC, &len) : NULL;
	if (seq && len >= 2)
		ask_feedback_note(p, rd16(seq), now_us);
}

void router_rtp(struct router *r, uint32_t slot, struct pkt *k, int64_t now_us)
{
	struct peer *p = peer_get(r, slot);
	struct receiver *rx;
	unsigned layer;
	bool is_rtx;
	if (!p || !p->up)
		return;
	peer_heard_from(p, now_us);
	rx = demux(p, k, &layer, &is_rtx);
	note_arrival(p, rx ? &rx->t : demux_guess(p, k), k, now_us);
	if (!rx || !receiver_open(rx))
		return;
	peer_touch(p);
	receiver_rtp(rx, layer, is_rtx, k, now_us);
}
