/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include "../../base/id.h"
#include "../../rtp/rtp.h"
#include "../in/keyframe.h"
#include "trunk.h"
#include "trunk_msg.h"

/* Which packets the far side can still get is told with each that crosses, as the newest number
 * that did not: of a layer that was not wanted there 50 to 59 stayed here; then it is wanted, and
 * 60 crosses with missed = 59. A keyframe at 58 that comes late is not begun with there, for what
 * followed it cannot be had. When 1084 crosses, 1025 numbers later, 59 is forgotten: 16-bit numbers
 * that far back would soon look new. */
#define ALIVE_US  100000 /* between two words about a layer that is not wanted */
#define REPORT_US 100000 /* between two sender reports of one layer */

/* Of one receiver, to one worker: a consumer that passes packets on. */
struct trunk {
	struct consumer tie;
	uint64_t peer; /* its id, as the far side names it */
	uint16_t worker;
	uint8_t layers; /* wanted there: bits */
	int64_t alive_told_us[CARDEA_LAYERS], report_told_us[CARDEA_LAYERS];
	uint32_t alive_frames[CARDEA_LAYERS]; /* that had come then */
	bool has_missed[CARDEA_LAYERS];       /* as in struct trunk_packet */
	uint16_t missed[CARDEA_LAYERS];
	uint32_t missed_gen[CARDEA_LAYERS]; /* whose numbers these are */
};

static void say(const struct receiver *rx, const struct trunk *t, struct trunk_msg *m)
{
	m->peer = t->peer;
	m->mindex = rx->t.mindex;
	trunk_send(rx->peer->r, t->worker, m);
}

/* ---- what the far side is told ---- */

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

static void drop(struct trunk *t)
{
	link_detach(&t->tie);
	free(t);
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
	out->again = k->again;
	memcpy(out->ext_off, k->ext_off, sizeof out->ext_off);
	memcpy(out->ext_len, k->ext_len, sizeof out->ext_len);
	memcpy(out->data, k->data, k->len);
}

/* Neither what was left out here, nor what nobody kept at home, can be had on the far side. */
static void set_missed(
	struct trunk_packet *out, const struct layer *l, struct trunk *t, unsigned layer)
{
	if (t->missed_gen[layer] != out->gen ||
		(int16_t)(out->seq - t->missed[layer]) > 2 * RECENT_SEQS)
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

static void take(struct consumer *c, int64_t now_us)
{
	struct trunk *t = c->owner;
	struct trunk_msg m; /* not zeroed for each packet */
	(void)now_us;
	m.type = TRUNK_PACKET;
	m.layers = 0;
	m.track_version = c->rx->version;
	for (const struct held *h = c->rx->leaving; h; h = h->next) {
		m.layer = h->layer;
		fill(&m.packet, h);
		pass(c->rx, t, &m);
	}
}

static void track_changed(struct consumer *c, int64_t now_us)
{
	(void)now_us;
	tell_track(c->rx, c->owner);
}

static void report(struct consumer *c, unsigned layer, int64_t now_us)
{
	struct trunk *t = c->owner;
	const struct layer *l = &c->rx->layers[layer];
	struct trunk_msg m = { .type = TRUNK_REPORT,
		.layer = (uint8_t)layer,
		.report = { .ntp = l->sr_ntp, .ts = l->sr_ts, .at_us = now_us } };
	if (now_us - t->report_told_us[layer] < REPORT_US)
		return;
	t->report_told_us[layer] = now_us;
	say(c->rx, t, &m);
}

static void home_ends(struct consumer *c, struct receiver *rx)
{
	struct trunk *t = c->owner;
	struct trunk_msg m = { .type = TRUNK_END };
	say(rx, t, &m);
	drop(t);
}

static const struct consumer_ops ops = {
	.take = take,
	.track = track_changed,
	.report = report,
	.end = home_ends,
};

/* ---- who subscribes ---- */

static struct trunk *find(const struct receiver *rx, unsigned worker)
{
	RING_EACH(&rx->consumers, n) {
		const struct consumer *c = NODE_OF(n, struct consumer, node);
		struct trunk *t = c->ops == &ops ? c->owner : NULL;
		if (t && t->worker == worker)
			return t;
	}
	return NULL;
}

/* What crosses goes first: there it has farther to go. */
static struct trunk *open_trunk(struct receiver *rx, uint16_t worker)
{
	struct trunk *t = calloc(1, sizeof *t);
	if (!t)
		return NULL;
	t->worker = worker;
	t->tie = (struct consumer){ .ops = &ops, .owner = t };
	link_attach(&t->tie, rx, true);
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

void trunk_wish(struct router *r, const struct trunk_msg *m)
{
	struct receiver *rx = peer_receiver(r, ID_SLOT(m->peer), m->mindex);
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
