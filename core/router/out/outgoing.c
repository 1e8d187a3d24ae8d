/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include "../../base/warm.h"
#include "../../rtp/rtp.h"
#include "outgoing.h"
#include "packet.h"
#include "redundant.h"
#include "select.h"

#define SENT_VIDEO 512 /* at most, as many as a receiver keeps: a second of 5 Mbit/s */
#define SENT_AUDIO 64
#define HOT        offsetof(struct sender, reported_packets) /* needed for each packet */

_Static_assert(RW_SEQS == RECENT_SEQS, "what a receiver deals with, its senders can number");

/* ---- one packet ---- */

static void stamp(struct sender *tx, struct sent *s, int64_t now_us)
{
	if (tx->t.kind != CARDEA_VIDEO)
		return;
	if (tx->t.ext[CARDEA_EXT_TWCC])
		s->twcc = tx->peer->twcc_out++;
	/* 6.18 fixed point seconds, 24 bits */
	s->abs_send_time =
		(uint32_t)(((uint64_t)(now_us % (64 * US_PER_S)) << 18) / US_PER_S) & 0xffffff;
}

/* Playout delay of the route's own: 12 bits each of minimum and maximum, in units of 10 ms. */
static void set_delay(struct sent *s, const struct route *route)
{
	unsigned min, max;
	if (!route->min_delay && !route->max_delay)
		return;
	min = route->min_delay > 0 ? (unsigned)route->min_delay - 1 : 0;
	max = route->max_delay > 0 ? (unsigned)route->max_delay - 1 : 0;
	if (min > 4095)
		min = 4095;
	if (max > 4095)
		max = 4095;
	if (max < min)
		max = min;
	s->has_delay = true;
	s->delay[0] = (uint8_t)(min >> 4);
	s->delay[1] = (uint8_t)(min << 4 | max >> 8);
	s->delay[2] = (uint8_t)max;
}

static struct sent *place(const struct sender *tx, uint16_t seq)
{
	return &tx->sent[seq & (tx->n_sent - 1)];
}

/* Most senders need little, so the ring begins small, and doubles before it would forget what can
 * still be asked for. Without memory it forgets. */
static void grow(struct sender *tx)
{
	unsigned n = tx->n_sent;
	struct sent *old = tx->sent, *ring = calloc(2 * n, sizeof *ring);
	if (!ring)
		return;
	tx->sent = ring;
	tx->n_sent = 2 * n;
	for (unsigned i = 0; i < n; i++)
		if (old[i].used)
			*place(tx, old[i].seq) = old[i];
	free(old);
}

static struct sent *next_place(struct sender *tx, uint16_t seq, int64_t now_us)
{
	unsigned most = tx->t.kind == CARDEA_VIDEO ? SENT_VIDEO : SENT_AUDIO;
	const struct sent *s = place(tx, seq);
	if (s->used && s->seq != seq && tx->n_sent < most &&
		(uint32_t)now_us - s->at_us < SPAN_MAX_US)
		grow(tx);
	return place(tx, seq);
}

static void pass(struct sender *tx, struct receiver *rx, const struct held *h, int64_t now_us)
{
	const struct payload_info *info = &h->info;
	struct sent *s;
	struct rw_out out = { 0 };
	enum rw_verdict verdict = rewrite_map(tx->rw, h->k, info, select_drop(tx, rx, h), &out);
	if (verdict == RW_SKIP)
		return;
	s = next_place(tx, (uint16_t)out.index, now_us);
	*s = (struct sent){ .ts = out.ts,
		.at_us = (uint32_t)now_us,
		.seq = (uint16_t)out.index,
		.in_seq = h->k->seq,
		.picture_id = out.picture_id,
		.tl0 = out.tl0,
		.source = tx->source,
		.marker = h->k->marker };
	stamp(tx, s, now_us);
	if (verdict == RW_FILL) {
		packet_pad(tx, s);
		return;
	}
	/* Where upper spatial layers are left out, the picture ends with the last that passes. */
	s->marker |= info->ends_frame && info->spatial >= 0 && info->spatial == tx->spatial;
	set_delay(s, &tx->route);
	s->used = packet_put(tx, rx, h->k, info, s, PACKET_FIRST);
	if (s->used)
		tx->octets += (uint32_t)(h->k->payload_len - redundant_skip(tx, info));
	select_tell(tx, &rx->layers[h->layer], now_us);
}

/* The keyframe that this sender begins with came late: what follows it had come before, and is not
 * among what it will be given. */
static void catch_up(struct sender *tx, struct receiver *rx, const struct held *h, int64_t now_us)
{
	struct layer *l = &rx->layers[h->layer];
	if (!l->cache || l->gen != h->gen || !seq_after(h->newest, h->k->seq) ||
		(uint16_t)(h->newest - h->k->seq) > RW_SEQS)
		return;
	for (uint16_t seq = h->k->seq; seq++ != h->newest;) {
		struct held later = {
			.k = cache_get(l->cache, seq), .gen = h->gen, .layer = h->layer
		};
		if (!later.k)
			continue;
		receiver_look(rx, l, later.k, &later.info);
		pass(tx, rx, &later, now_us);
	}
}

static void take(struct sender *tx, struct receiver *rx, const struct held *h, int64_t now_us)
{
	uint8_t before = tx->source;
	if (!select_layer(tx, rx, h))
		return;
	pass(tx, rx, h, now_us);
	if (tx->source != before && tx->t.kind == CARDEA_VIDEO)
		catch_up(tx, rx, h, now_us);
}

void outgoing_again(struct sender *tx, const struct receiver *rx, struct pkt *k,
	const struct sent *s, int64_t now_us)
{
	struct payload_info info;
	struct sent fresh = *s;
	bool as_rtx;
	receiver_look_again(rx, k, &info);
	/* RTX tells which payload type it repairs, and that is not the one of redundant audio. */
	as_rtx = sender_has_rtx(tx) && !(tx->t.red_pt && info.red_primary);
	if (as_rtx)
		stamp(tx, &fresh, now_us); /* another packet, with its own times and number */
	tx->retransmissions +=
		packet_put(tx, rx, k, &info, &fresh, as_rtx ? PACKET_RTX : PACKET_REPEAT);
}

/* ---- as a consumer ---- */

static void take_batch(struct consumer *c, int64_t now_us)
{
	struct sender *tx = c->owner;
	struct receiver *rx = c->rx;
	tx->burst_size = 0;
	select_expire(tx, now_us);
	for (const struct held *h = rx->leaving; h; h = h->next)
		take(tx, rx, h, now_us);
	select_review(tx, rx, now_us);
}

/* The sender, what that points to, and so on. */
enum step { SENDER, PEER, NUMBERS, KEYS };

static void fetch(const struct consumer *c, unsigned step, uint16_t in_seq)
{
	const struct sender *tx = c->owner;
	const struct router *r = c->rx->peer->r;
	const struct rewrite *rw = tx->rw;
	if (step == SENDER) {
		warm(tx, HOT);
		return;
	}
	if (step == PEER) {
		warm(tx->peer, offsetof(struct peer, stray));
		warm(rw, offsetof(struct rewrite, seq));
	} else if (step == NUMBERS && rw) {
		warm(&rw->seq[in_seq & (RW_SEQS - 1)], sizeof rw->seq[0]);
		warm(&tx->sent[(rw->out_hi + 1) & (tx->n_sent - 1)], sizeof tx->sent[0]);
	}
	if (r->ops->warm)
		r->ops->warm(r->arg, tx->peer->slot, step - PEER);
}

static unsigned wants(const struct consumer *c)
{
	return select_wanted(c->owner, c->rx);
}

static void track_changed(struct consumer *c, int64_t now_us)
{
	if (c->rx->peer->is_mirror) /* at home the next batch is time enough, and not before it */
		select_review(c->owner, c->rx, now_us);
}

static int64_t span_us(const struct consumer *c)
{
	const struct sender *tx = c->owner;
	return tx->peer->rtt_us + 100 * US_PER_MS;
}

static void source_ended(struct consumer *c, struct receiver *rx)
{
	(void)rx;
	struct sender *tx = c->owner;
	if (c == &tx->cur)
		sender_promote(tx);
	tx->source_ended = !tx->cur.rx;
}

struct sender *outgoing_new(struct peer *p)
{
	static const struct consumer_ops ops = {
		.take = take_batch,
		.warm = fetch,
		.wants = wants,
		.track = track_changed,
		.span_us = span_us,
		.end = source_ended,
	};
	return sender_new(p, &ops);
}
