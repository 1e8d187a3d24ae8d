/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include "../base/id.h"
#include "../rtp/rtp.h"
#include "far/mirror.h"
#include "far/trunk.h"
#include "in/demux.h"
#include "in/incoming.h"
#include "in/keyframe.h"
#include "in/level.h"
#include "meter.h"
#include "out/digest.h"
#include "out/outgoing.h"
#include "out/select.h"
#include "router.h"
#include "rtcp/feedback.h"
#include "rtcp/remb.h"
#include "rtcp/reports.h"
#include "rtcp/request.h"
#include "rtcp/twcc_in.h"
#include "sink/sink.h"
#include "source/source.h"
#include "why.h"

#define FALLBACK_US 250000
#define HELD_POOL   65536
#define NO_SSRC     1 /* what browsers say when they only receive */

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
	r->wall_off_us = (uint64_t)clock_wall_us() - (uint64_t)clock_now_us();
	ring_init(&r->due);
	ring_init(&r->nacking);
	ring_init(&r->wishing);
	ring_init(&r->feedback);
	ring_init(&r->mirroring);
	ring_init(&r->sinks);
	for (unsigned i = 0; i < TICKS; i++)
		ring_init(&r->ticks[i]);
	r->nack_timer = (struct wheel_timer){ .fn = request_nacks, .arg = r };
	r->wish_timer = (struct wheel_timer){ .fn = keyframe_repeat, .arg = r };
	r->twcc_timer = (struct wheel_timer){ .fn = twcc_in_send, .arg = r };
	r->mirror_timer = (struct wheel_timer){ .fn = mirror_review, .arg = r };
	r->look_timer = (struct wheel_timer){ .fn = why_look, .arg = r };
	r->sink_timer = (struct wheel_timer){ .fn = sink_tell_rest, .arg = r };
	r->tick_timer = (struct wheel_timer){ .fn = reports_tick, .arg = r };
	r->peers = calloc(conf->max_peers ? conf->max_peers : 1, sizeof *r->peers);
	r->held = pool_create("held packets", sizeof(struct held), HELD_POOL);
	r->digest_key = malloc(sizeof *r->digest_key);
	if (!r->peers || !r->held || !r->digest_key) {
		router_destroy(r);
		return NULL;
	}
	digest_key_make(r->digest_key);
	return r;
}

void router_destroy(struct router *r)
{
	if (!r)
		return;
	if (r->peers)
		source_end_all(r);
	for (unsigned i = 0; r->peers && i < r->conf.max_peers; i++)
		router_peer_close(r, i);
	RING_EACH(&r->mirroring, n)
		mirror_close(NODE_OF(n, struct peer, mirror.node));
	sink_end_all(r);
	wheel_cancel(r->wheel, &r->sink_timer);
	wheel_cancel(r->wheel, &r->mirror_timer);
	wheel_cancel(r->wheel, &r->nack_timer);
	wheel_cancel(r->wheel, &r->wish_timer);
	wheel_cancel(r->wheel, &r->twcc_timer);
	wheel_cancel(r->wheel, &r->tick_timer);
	wheel_cancel(r->wheel, &r->look_timer);
	pool_destroy(r->held);
	free(r->digest_key);
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
	p->our_ssrc = NO_SSRC;
	p->twcc_out = 1;
	r->peers[slot] = p;
	r->n_peers++;
	why_begin(r);
	return OK;
}

void router_peer_close(struct router *r, uint32_t slot)
{
	struct peer *p = peer_get(r, slot);
	if (!p)
		return;
	for (unsigned i = 0; i < p->n_lines; i++) {
		sender_free(p->lines[i].tx);
		link_end(p->lines[i].rx);
		incoming_end(p->lines[i].rx);
	}
	sink_peer_closed(r, slot);
	r->peers[slot] = NULL;
	r->n_peers--;
	peer_discard(p);
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

static void heard_from(struct peer *p, int64_t now_us)
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
		heard_from(p, now_us);
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

/* ---- tracks ---- */

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
	const struct track incoming = without(t, t->ext_send_only);
	bool is_new = !l->rx;
	enum err e;
	if (!l->rx) {
		if (!(t->dir & CARDEA_RECV))
			return OK;
		if (!(l->rx = receiver_new(p, &request_ops)))
			return ERR_FULL;
	}
	if ((e = incoming_apply(l->rx, &incoming)))
		return e;
	link_track(l->rx, clock_now_us());
	if (is_new)
		sink_receiver_made(l->rx);
	return OK;
}

static enum err apply_sender(struct peer *p, struct mline *l, const struct track *t)
{
	const struct track outgoing = without(t, t->ext_recv_only);
	if (!l->tx) {
		if (!(t->dir & CARDEA_SEND) || !t->out_ssrc)
			return OK;
		if (!(l->tx = outgoing_new(p)))
			return ERR_FULL;
	}
	return sender_apply(l->tx, &outgoing);
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

static uint32_t first_ssrc(const struct peer *p)
{
	for (unsigned i = 0; i < p->n_lines; i++)
		if (p->lines[i].tx && p->lines[i].tx->t.dir & CARDEA_SEND)
			return p->lines[i].tx->t.out_ssrc;
	return NO_SSRC;
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
	p->our_ssrc = first_ssrc(p);
	return OK;
}

void router_mute(struct router *r, uint32_t slot, unsigned mindex, bool muted)
{
	struct receiver *rx = peer_receiver(r, slot, mindex);
	if (!rx || rx->muted == muted)
		return;
	rx->muted = muted;
	if (muted)
		level_end(rx);
	link_muted(rx);
	for (unsigned i = 0; i < rx->n_layers; i++)
		rx->layers[i].gen = ++r->next_gen; /* what comes after must begin with a keyframe */
	if (!muted)
		router_keyframe(r, slot, mindex);
}

void router_keyframe(struct router *r, uint32_t slot, unsigned mindex)
{
	struct receiver *rx = peer_receiver(r, slot, mindex);
	if (!rx)
		return;
	for (unsigned i = 0; i < rx->n_layers; i++)
		keyframe_want(rx, i, clock_now_us());
}

void router_watch_level(
	struct router *r, uint32_t slot, unsigned mindex, unsigned packets, unsigned level)
{
	struct receiver *rx = peer_receiver(r, slot, mindex);
	if (rx)
		level_watch(rx, packets, level);
}

void router_limit(struct router *r, uint32_t slot, uint32_t bps)
{
	struct peer *p = peer_get(r, slot);
	if (p)
		remb_limit(p, bps);
}

/* ---- routes ---- */

enum err router_route(struct router *r, const struct route *route)
{
	struct sender *tx = peer_sender(r, route->to_slot, route->to_mindex);
	bool is_here = route->from_worker == r->conf.worker;
	struct receiver *rx;
	int64_t now_us = clock_now_us();
	if (!tx)
		return ERR_NOT_FOUND;
	rx = is_here ? peer_receiver(r, ID_SLOT(route->from_peer), route->from_mindex)
		     : mirror_open(r, route, &tx->t);
	if (!rx)
		return is_here ? ERR_NOT_FOUND : ERR_FULL;
	tx->route = *route;
	if (!tx->route.fallback_us)
		tx->route.fallback_us = FALLBACK_US;
	if (route->paused)
		tx->on = false; /* later it begins at a keyframe, and goes on where this stopped */
	sender_aim(tx, rx, now_us);
	select_review(tx, rx, now_us);
	return OK;
}

void router_unroute(struct router *r, uint32_t to_slot, unsigned to_mindex)
{
	struct sender *tx = peer_sender(r, to_slot, to_mindex);
	if (tx)
		sender_unlink(tx);
}

/* ---- sinks ---- */

static struct receiver *source_of(struct router *r, const struct sink_want *w)
{
	const struct route route = { .from_peer = w->from_peer,
		.from_worker = w->from_worker,
		.from_mindex = w->from_mindex };
	const struct track like = { .kind = w->kind };
	if (!w->from_peer)
		return NULL;
	return w->from_worker == r->conf.worker
		       ? peer_receiver(r, ID_SLOT(w->from_peer), w->from_mindex)
		       : mirror_open(r, &route, &like);
}

enum err router_sink_open(struct router *r, const struct sink_want *w)
{
	struct sink_want want = *w;
	struct receiver *rx = source_of(r, w);
	if (!rx && w->from_worker != r->conf.worker)
		want.from_peer = 0; /* no room for a mirror: nothing to wait for */
	return sink_open(r, &want, rx);
}

void router_sink_close(struct router *r, uint64_t id)
{
	sink_close(r, id);
}

void router_sink_keyframe(struct router *r, uint64_t id)
{
	sink_keyframe(r, id);
}

/* ---- sources ---- */

enum err router_source_open(struct router *r, const struct source_want *w)
{
	return source_open(r, w);
}

void router_source_close(struct router *r, uint64_t id)
{
	source_close(r, id);
}

bool router_has_source(const struct router *r, uint64_t id)
{
	return source_is_open(r, id);
}

void router_source(struct router *r, const struct source_record *rec, size_t len, int64_t now_us)
{
	source_hear(r, rec, len, now_us);
}

/* ---- packets ---- */

/* Its transport-wide number, by the ids of its m-line. */
static void note_arrival(struct peer *p, const struct track *t, const struct pkt *k, int64_t now_us)
{
	size_t len;
	const uint8_t *seq = t ? track_ext(t, k, CARDEA_EXT_TWCC, &len) : NULL;
	if (seq && len >= 2)
		twcc_in_note(p, rd16(seq), now_us);
}

/* It is for nobody, or for an m-line that is not to be received: why.h tells of it. */
static void note_lost(struct peer *p, struct receiver *rx, const struct pkt *k, int64_t now_us)
{
	if (rx) {
		rx->n_refused++;
		rx->refused_us = now_us;
		return;
	}
	p->stray.packets++;
	p->stray.ssrc = k->ssrc;
	p->stray.at_us = now_us;
}

void router_rtp(struct router *r, uint32_t slot, struct pkt *k, int64_t now_us)
{
	struct peer *p = peer_get(r, slot);
	struct receiver *rx;
	unsigned layer;
	bool is_rtx;
	if (!p || !p->up)
		return;
	heard_from(p, now_us);
	rx = demux(p, k, &layer, &is_rtx);
	note_arrival(p, rx ? &rx->t : demux_guess(p, k), k, now_us);
	if (!rx || !receiver_open(rx)) {
		note_lost(p, rx, k, now_us);
		return;
	}
	peer_touch(p);
	incoming_rtp(rx, layer, is_rtx, k, now_us);
	if (p->limit_steps && rx->t.kind == CARDEA_VIDEO)
		remb_start(p, now_us);
}

void router_rtcp(struct router *r, uint32_t slot, const uint8_t *data, size_t len, int64_t now_us)
{
	struct peer *p = peer_get(r, slot);
	if (!p || !p->up)
		return;
	heard_from(p, now_us);
	feedback_read(p, data, len, now_us);
}

void router_trunk(struct router *r, const struct trunk_msg *m, size_t len, int64_t now_us)
{
	if (len < offsetof(struct trunk_msg, track) || m->version != TRUNK_VERSION ||
		ID_SLOT(m->peer) >= r->conf.max_peers)
		return;
	if (m->type == TRUNK_PACKET &&
		(len < offsetof(struct trunk_msg, packet.data) || m->packet.len > PKT_CAP))
		return;
	if (!trunk_len(m) || len < trunk_len(m))
		return;
	if (m->type < TRUNK_TRACK)
		trunk_wish(r, m);
	else
		mirror_hear(r, m, now_us);
}

int64_t router_flush(struct router *r, int64_t now_us)
{
	int64_t again_us = link_flush(r, now_us);
	reports_if_due(r, now_us);
	return again_us;
}

void router_metrics(void)
{
	meter_register();
}
