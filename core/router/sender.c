/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include "../base/rand.h"
#include "../rtp/rtp.h"
#include "peer.h"

#define SENT_FIRST 32
#define SENT_VIDEO 512 /* at most, as many as a receiver keeps: a second of 5 Mbit/s */
#define SENT_AUDIO 64

/* ---- life ---- */

/* A stream of a new SSRC: below 2^15, so that the first packets, if lost, do not confuse the peer's
 * SRTP roll-over counter (RFC 3711, 3.3.1). */
static void begin_numbers(struct sender *tx)
{
	rewrite_init(tx->rw, tx->t.clock_hz, (uint16_t)(1 + rand_u32() % 0x7fff), rand_u32());
}

static void forget_ssrc(const struct sender *tx, uint32_t ssrc)
{
	struct router *r = tx->peer->r;
	if (ssrc)
		r->ops->forget_ssrc(r->arg, tx->peer->slot, ssrc);
}

enum err sender_apply(struct sender *tx, const struct track *t)
{
	bool same = !memcmp(&tx->t, t, sizeof *t);
	bool is_other = tx->t.out_ssrc != t->out_ssrc;
	if (is_other)
		forget_ssrc(tx, tx->t.out_ssrc);
	if (tx->t.out_rtx_ssrc != t->out_rtx_ssrc) {
		forget_ssrc(tx, tx->t.out_rtx_ssrc);
		tx->rtx_index = rand_u32() & 0x7fff;
	}
	if (tx->t.dir != t->dir || tx->t.codec != t->codec || is_other)
		tx->on = false;
	tx->t = *t;
	if (!tx->rw || same)
		return OK;
	if (is_other)
		begin_numbers(tx);
	else
		tx->rw->clock_hz = t->clock_hz ? t->clock_hz : 90000;
	memset(tx->sent, 0, tx->n_sent * sizeof *tx->sent); /* they would come out different now */
	return OK;
}

enum err sender_prepare(struct sender *tx)
{
	if (tx->rw)
		return OK;
	tx->n_sent = SENT_FIRST;
	tx->sent = calloc(tx->n_sent, sizeof *tx->sent);
	tx->rw = malloc(sizeof *tx->rw);
	if (!tx->sent || !tx->rw) {
		free(tx->sent);
		free(tx->rw);
		tx->sent = NULL;
		tx->rw = NULL;
		return ERR_FULL;
	}
	begin_numbers(tx);
	return OK;
}

void sender_free(struct sender *tx)
{
	if (!tx)
		return;
	sender_unlink(tx);
	free(tx->sent);
	free(tx->rw);
	free(tx);
}

/* ---- sending ---- */

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
	select_tell(tx, &rx->layers[h->layer]);
}

/* The keyframe that this sender begins with came late: what follows it is here already. */
static void catch_up(struct sender *tx, struct receiver *rx, const struct held *h, int64_t now_us)
{
	struct layer *l = &rx->layers[h->layer];
	uint16_t newest = l->rx.max_seq;
	if (!l->cache || !seq_after(newest, h->k->seq) || (uint16_t)(newest - h->k->seq) > RW_SEQS)
		return;
	for (uint16_t seq = h->k->seq; seq++ != newest;) {
		struct held later = {
			.k = cache_get(l->cache, seq), .gen = h->gen, .layer = h->layer
		};
		if (!later.k)
			continue;
		receiver_look(rx, l, later.k, &later.info);
		pass(tx, rx, &later, now_us);
	}
}

void sender_take(struct sender *tx, struct receiver *rx, const struct held *h, int64_t now_us)
{
	uint8_t before = tx->source;
	if (!select_layer(tx, rx, h, now_us))
		return;
	pass(tx, rx, h, now_us);
	if (tx->source != before && tx->t.kind == CARDEA_VIDEO)
		catch_up(tx, rx, h, now_us);
}

void sender_again(struct sender *tx, const struct receiver *rx, struct pkt *k, const struct sent *s,
	int64_t now_us)
{
	struct payload_info info;
	struct sent fresh = *s;
	bool as_rtx;
	payload_look(tx->t.codec, k->data + k->payload, k->payload_len, NULL, 0, &info);
	redundant_look(rx, k, &info);
	/* RTX says which payload type it repairs, and that is not the one of redundant audio. */
	as_rtx = sender_has_rtx(tx) && !(tx->t.red_pt && info.red_primary);
	if (as_rtx)
		stamp(tx, &fresh, now_us); /* another packet, with its own times and number */
	tx->retransmissions +=
		packet_put(tx, rx, k, &info, &fresh, as_rtx ? PACKET_RTX : PACKET_REPEAT);
}
