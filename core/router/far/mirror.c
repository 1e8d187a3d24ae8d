/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "../../base/id.h"
#include "../in/incoming.h"
#include "mirror.h"
#include "trunk_msg.h"

/* The far side of trunks: receivers of other workers' peers. A mirror is a peer that sends nothing
 * and is asked nothing by RTCP; its packets and wishes go over the trunk. */

#define REVIEW_US  250000
#define REFRESH_US US_PER_S /* home is told again what is wanted */
#define AGAIN_US   50000 /* and at once, but not at every packet, when it speaks of another track */

static void tell_home(const struct receiver *rx, enum trunk_type type, unsigned layer)
{
	const struct peer *p = rx->peer;
	struct trunk_msg m = { .type = (uint8_t)type,
		.layer = (uint8_t)layer,
		.mindex = rx->t.mindex,
		.peer = p->mirror.id };
	trunk_send(p->r, p->mirror.home, &m);
}

/* What is known here and wanted from there. */
static void subscribe(struct receiver *rx, int64_t now_us)
{
	struct trunk_msg m = { .type = TRUNK_SUBSCRIBE,
		.layers = rx->mirror_layers,
		.mindex = rx->t.mindex,
		.peer = rx->peer->mirror.id,
		.track_version = rx->version };
	rx->mirror_said_us = now_us;
	trunk_send(rx->peer->r, rx->peer->mirror.home, &m);
}

static void ask_keyframe(struct receiver *rx, unsigned layer)
{
	tell_home(rx, TRUNK_KEYFRAME, layer);
}

static const struct receiver_ops ops = { .keyframe = ask_keyframe };

/* ---- life ---- */

static void end_track(struct mline *l)
{
	link_end(l->rx);
	incoming_end(l->rx);
	l->rx = NULL;
}

static struct peer *open_peer(struct router *r, uint64_t id, unsigned home)
{
	struct peer **at;
	if (!r->mirrors && !(r->mirrors = calloc(r->conf.max_peers, sizeof *r->mirrors)))
		return NULL;
	at = &r->mirrors[ID_SLOT(id)];
	if (*at && (*at)->mirror.id != id)
		mirror_close(*at); /* of a peer that is gone: its end is still on the way */
	if (*at || !(*at = calloc(1, sizeof **at)))
		return *at;
	(*at)->r = r;
	(*at)->slot = ID_SLOT(id);
	(*at)->up = true;
	(*at)->is_mirror = true;
	(*at)->mirror.id = id;
	(*at)->mirror.home = (uint16_t)home;
	node_add(&r->mirroring, &(*at)->mirror.node);
	return *at;
}

void mirror_close(struct peer *p)
{
	for (unsigned i = 0; i < p->n_lines; i++)
		end_track(&p->lines[i]);
	node_del(&p->mirror.node);
	p->r->mirrors[p->slot] = NULL;
	peer_discard(p);
}

struct receiver *mirror_open(struct router *r, const struct route *route, const struct track *like)
{
	struct peer *p;
	struct mline *l;
	/* Until home has told more, as much as must be true if the two are to get on. */
	struct track t = { .mindex = route->from_mindex,
		.kind = like->kind,
		.dir = CARDEA_RECV,
		.codec = like->codec,
		.pt = like->pt,
		.clock_hz = like->clock_hz };
	if (!r->ops->trunk || ID_SLOT(route->from_peer) >= r->conf.max_peers ||
		!(p = open_peer(r, route->from_peer, route->from_worker)) ||
		peer_lines(p, route->from_mindex))
		return NULL;
	l = &p->lines[route->from_mindex];
	if (l->rx)
		return l->rx;
	if (!(l->rx = receiver_new(p, &ops)) || incoming_apply(l->rx, &t)) {
		end_track(l);
		return NULL;
	}
	l->rx->mirror_layers = UINT8_MAX;
	subscribe(l->rx, clock_now_us());
	if (!wheel_armed(&r->mirror_timer))
		wheel_set(r->wheel, &r->mirror_timer, clock_now_us() + REVIEW_US);
	return l->rx;
}

/* ---- what is still wanted ---- */

/* @return false: nobody wants it any more, and it is gone. */
static bool review(struct mline *l, int64_t now_us)
{
	struct receiver *rx = l->rx;
	uint8_t layers;
	if (ring_empty(&rx->consumers)) {
		tell_home(rx, TRUNK_UNSUBSCRIBE, 0);
		end_track(l);
		return false;
	}
	link_review_span(rx, now_us);
	layers = rx->n_layers > 1 ? (uint8_t)link_wanted(rx) : UINT8_MAX;
	if (rx->version && layers == rx->mirror_layers && now_us - rx->mirror_said_us < REFRESH_US)
		return true;
	rx->mirror_layers = layers;
	subscribe(rx, now_us);
	return true;
}

void mirror_review(void *router)
{
	struct router *r = router;
	int64_t now_us = clock_now_us();
	RING_EACH(&r->mirroring, n) {
		struct peer *p = NODE_OF(n, struct peer, mirror.node);
		bool wanted = false;
		for (unsigned i = 0; i < p->n_lines; i++)
			wanted |= p->lines[i].rx && review(&p->lines[i], now_us);
		if (!wanted)
			mirror_close(p);
	}
	if (!ring_empty(&r->mirroring))
		wheel_set(r->wheel, &r->mirror_timer, now_us + REVIEW_US);
}

/* ---- what home says ---- */

static void take_track(struct receiver *rx, const struct trunk_msg *m)
{
	struct track t = m->track;
	int64_t now_us = clock_now_us();
	if (m->track_version == rx->version)
		return;
	rx->version = m->track_version;
	t.feedback &= ~(uint32_t)CARDEA_FB_NACK; /* home does the asking */
	memset(t.ssrc, 0, sizeof t.ssrc);
	memset(t.rtx_ssrc, 0, sizeof t.rtx_ssrc);
	if (t.n_layers <= CARDEA_LAYERS && !incoming_apply(rx, &t))
		link_track(rx, now_us);
}

static void take_packet(struct receiver *rx, const struct trunk_msg *m, int64_t now_us)
{
	const struct trunk_packet *in = &m->packet;
	struct layer *l = &rx->layers[m->layer];
	struct pkt *k;
	if (m->track_version != rx->version) { /* a change of it was lost, or is awaited */
		if (l->home_gen == in->gen)
			receiver_missed(l, in->seq);
		if (now_us - rx->mirror_said_us >= AGAIN_US)
			subscribe(rx, now_us);
		return;
	}
	if (!(k = pkt_take(rx->peer->r->conf.packets)))
		return;
	if (l->home_gen != in->gen) {
		receiver_restart(rx, m->layer);
		l->home_gen = in->gen;
	}
	k->at_us = in->at_us;
	k->ssrc = in->ssrc;
	k->ts = in->ts;
	k->seq = in->seq;
	k->len = in->len;
	k->payload = in->payload;
	k->payload_len = in->payload_len;
	k->pt = in->pt;
	k->marker = in->marker;
	k->again = in->again;
	memcpy(k->ext_off, in->ext_off, sizeof k->ext_off);
	memcpy(k->ext_len, in->ext_len, sizeof k->ext_len);
	memcpy(k->data, in->data, in->len);
	if (in->has_missed)
		receiver_missed(l, in->missed);
	if (receiver_open(rx))
		incoming_rtp(rx, m->layer, false, k, now_us);
	pkt_drop(k);
}

/* Nobody wants what comes. Either it was on its way when we said so, or home had no room to hear
 * it. */
static void refuse(struct router *r, const struct trunk_msg *m)
{
	struct trunk_msg no = { .type = TRUNK_UNSUBSCRIBE, .mindex = m->mindex, .peer = m->peer };
	if (m->type != TRUNK_END)
		trunk_send(r, m->from, &no);
}

void mirror_hear(struct router *r, const struct trunk_msg *m, int64_t now_us)
{
	struct receiver *rx = peer_mirror(r, ID_SLOT(m->peer), m->mindex);
	if (!rx || rx->peer->mirror.id != m->peer) {
		refuse(r, m);
		return;
	}
	if (m->type == TRUNK_TRACK) {
		take_track(rx, m);
	} else if (m->type == TRUNK_END) {
		end_track(&rx->peer->lines[m->mindex]);
	} else if (m->layer < rx->n_layers) {
		if (m->type == TRUNK_PACKET)
			take_packet(rx, m, now_us);
		else if (m->type == TRUNK_ALIVE)
			incoming_alive(rx, m->layer, true, m->alive.at_us);
		else
			link_report(rx, m->layer, m->report.ntp, m->report.ts, m->report.at_us);
	}
}
