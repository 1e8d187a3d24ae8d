/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "../base/id.h"
#include "../rtp/rtp.h"
#include "peer.h"

/* The home side: where the receiver is. The other is mirror.c. */

#define ALIVE_US  100000 /* between two words about a layer that is not wanted */
#define REPORT_US 100000 /* between two sender reports of one layer */

/* Of one receiver, to one worker. */
struct trunk {
	struct node node; /* in the receiver's */
	uint64_t peer;    /* its id, as the far side names it */
	uint16_t worker;
	uint8_t layers; /* wanted there: bits */
	int64_t alive_told_us[CARDEA_LAYERS], report_told_us[CARDEA_LAYERS];
	uint32_t alive_frames[CARDEA_LAYERS]; /* that had come then */
	bool has_missed[CARDEA_LAYERS];       /* as in struct trunk_packet */
	uint16_t missed[CARDEA_LAYERS];
	uint32_t missed_gen[CARDEA_LAYERS]; /* whose numbers these are */
};

size_t trunk_len(const struct trunk_msg *m)
{
	size_t head = offsetof(struct trunk_msg, track);
	switch ((enum trunk_type)m->type) {
	case TRUNK_SUBSCRIBE:
	case TRUNK_UNSUBSCRIBE:
	case TRUNK_KEYFRAME:
	case TRUNK_END:
		return head;
	case TRUNK_TRACK:
		return head + sizeof m->track;
	case TRUNK_PACKET:
		return offsetof(struct trunk_msg, packet.data) + m->packet.len;
	case TRUNK_ALIVE:
		return head + sizeof m->alive;
	case TRUNK_REPORT:
		return head + sizeof m->report;
	}
	return 0;
}

void trunk_send(struct router *r, unsigned worker, struct trunk_msg *m)
{
	m->version = TRUNK_VERSION;
	m->from = (uint16_t)r->conf.worker;
	r->ops->trunk(r->arg, worker, m, trunk_len(m));
}

static void say(const struct receiver *rx, const struct trunk *t, struct trunk_msg *m)
{
	m->peer = t->peer;
	m->mindex = rx->t.mindex;
	trunk_send(rx->peer->r, t->worker, m);
}

/* ---- who subscribes ---- */

static struct trunk *find(const struct receiver *rx, unsigned worker)
{
	RING_EACH(&rx->trunks, n) {
		struct trunk *t = NODE_OF(n, struct trunk, node);
		if (t->worker == worker)
			return t;
	}
	return NULL;
}

static void tell_alive(const struct receiver *rx, struct trunk *t, unsigned layer)
{
	struct trunk_msg m = { .type = TRUNK_ALIVE,
		.layer = (uint8_t)layer,
		.alive = { rx->layers[layer].last_at_us } };
	t->alive_told_us[layer] = m.alive.at_us;
	t->alive_frames[layer] = rx->layers[layer].frames;
	say(rx, t, &m);
}

static void note_missed(struct trunk *t, unsigned layer, uint32_t gen, uint16_t seq)
{
	if (!t->has_missed[layer] || t->missed_gen[layer] != gen ||
		seq_after(seq, t->missed[layer]))
		t->missed[layer] = seq;
	t->has_missed[layer] = true;
	t->missed_gen[layer] = gen;
}

static void tell_track(const struct receiver *rx, const struct trunk *t)
{
	struct trunk_msg m = { .type = TRUNK_TRACK, .track_version = rx->version, .track = rx->t };
	say(rx, t, &m);
}

static struct trunk *open_trunk(struct receiver *rx, uint16_t worker)
{
	struct trunk *t = calloc(1, sizeof *t);
	if (!t)
		return NULL;
	t->worker = worker;
	node_add(&rx->trunks, &t->node);
	return t;
}

/* What has come so far is not there. */
static void miss_all(const struct receiver *rx, struct trunk *t)
{
	for (unsigned i = 0; i < rx->n_layers; i++)
		if (rx->layers[i].rx.started)
			note_missed(t, i, rx->layers[i].gen, rx->layers[i].rx.max_seq);
}

static void subscribe(struct router *r, struct receiver *rx, const struct trunk_msg *m)
{
	struct trunk *t = rx ? find(rx, m->from) : NULL;
	bool begins = !t || !m->track_version; /* here, or there */
	if (!rx) {
		struct trunk_msg end = { .type = TRUNK_END, .peer = m->peer, .mindex = m->mindex };
		trunk_send(r, m->from, &end);
		return;
	}
	if (!t && !(t = open_trunk(rx, m->from)))
		return; /* it is asked for again */
	if (begins)
		miss_all(rx, t);
	t->peer = m->peer;
	t->layers = m->layers;
	if (m->track_version != rx->version)
		tell_track(rx, t);
}

static void drop(struct trunk *t)
{
	node_del(&t->node);
	free(t);
}

void trunk_wish(struct router *r, const struct trunk_msg *m)
{
	struct receiver *rx = receiver_get(r, ID_SLOT(m->peer), m->mindex);
	struct trunk *t = rx ? find(rx, m->from) : NULL;
	if (m->type == TRUNK_SUBSCRIBE) {
		subscribe(r, rx, m);
	} else if (!t || t->peer != m->peer) {
		return; /* it was let go while the wish was on its way */
	} else if (m->type == TRUNK_UNSUBSCRIBE) {
		drop(t);
	} else if (m->layer < rx->n_layers) {
		t->layers |= (uint8_t)(1u << m->layer);
		keyframe_want(rx, m->layer, clock_now_us());
	}
}

/* ---- what they are told ---- */

void trunk_tracks(struct receiver *rx)
{
	if (rx->peer->is_mirror)
		return;
	rx->version = ++rx->peer->r->next_gen;
	RING_EACH(&rx->trunks, n)
		tell_track(rx, NODE_OF(n, struct trunk, node));
}

void trunk_end(struct receiver *rx)
{
	RING_EACH(&rx->trunks, n) {
		struct trunk *t = NODE_OF(n, struct trunk, node);
		struct trunk_msg m = { .type = TRUNK_END };
		say(rx, t, &m);
		drop(t);
	}
}

void trunk_report(
	const struct receiver *rx, unsigned layer, uint64_t ntp, uint32_t ts, int64_t at_us)
{
	RING_EACH(&rx->trunks, n) {
		struct trunk *t = NODE_OF(n, struct trunk, node);
		struct trunk_msg m = { .type = TRUNK_REPORT,
			.layer = (uint8_t)layer,
			.report = { .ntp = ntp, .ts = ts, .at_us = at_us } };
		if (at_us - t->report_told_us[layer] < REPORT_US)
			continue;
		t->report_told_us[layer] = at_us;
		say(rx, t, &m);
	}
}

static void fill(struct trunk_packet *out, const struct held *h)
{
	const struct pkt *k = h->k;
	out->at_us = k->at_us;
	out->gen = h->gen;
	out->ssrc = k->ssrc;
	out->ts = k->ts;
	out->seq = k->seq;
	out->len = k->len;
	out->payload = k->payload;
	out->payload_len = k->payload_len;
	out->pt = k->pt;
	out->marker = k->marker;
	memcpy(out->ext_off, k->ext_off, sizeof out->ext_off);
	memcpy(out->ext_len, k->ext_len, sizeof out->ext_len);
	memcpy(out->data, k->data, k->len);
}

/* Neither what was left out here, nor what nobody kept at home, can be had on the far side. */
static void set_missed(
	struct trunk_packet *out, const struct layer *l, struct trunk *t, unsigned layer)
{
	if (t->missed_gen[layer] != out->gen ||
		(int16_t)(out->seq - t->missed[layer]) > 2 * RW_SEQS)
		t->has_missed[layer] = false; /* long ago, or of other numbers */
	if (l->unkept)
		note_missed(t, layer, out->gen, l->unkept_seq);
	out->has_missed = t->has_missed[layer];
	out->missed = t->missed[layer];
}

static void pass(const struct receiver *rx, struct trunk *t, struct trunk_msg *m)
{
	const struct layer *l = &rx->layers[m->layer];
	if (t->layers >> m->layer & 1) {
		set_missed(&m->packet, l, t, m->layer);
		say(rx, t, m);
		return;
	}
	note_missed(t, m->layer, m->packet.gen, m->packet.seq);
	if (l->last_at_us - t->alive_told_us[m->layer] >= ALIVE_US &&
		l->frames != t->alive_frames[m->layer])
		tell_alive(rx, t, m->layer);
}

void trunk_fan_out(struct receiver *rx)
{
	struct trunk_msg m; /* not zeroed for each packet */
	if (ring_empty(&rx->trunks))
		return;
	m.type = TRUNK_PACKET;
	m.layers = 0;
	m.track_version = rx->version;
	for (const struct held *h = rx->leaving; h; h = h->next) {
		m.layer = h->layer;
		fill(&m.packet, h);
		RING_EACH(&rx->trunks, n)
			pass(rx, NODE_OF(n, struct trunk, node), &m);
	}
}
