/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include "../../base/rand.h"
#include "sender.h"

#define SENT_FIRST  32
#define SWITCH_US   3000000 /* wait for a new source's keyframe before the old one is let go */
#define AGAIN_FIRST (64 * AGAIN_COST) /* before many were sent */

/* ---- life ---- */

struct sender *sender_new(struct peer *p, const struct consumer_ops *ops)
{
	struct sender *tx = calloc(1, sizeof *tx);
	if (!tx)
		return NULL;
	tx->peer = p;
	tx->cur = tx->next = (struct consumer){ .ops = ops, .owner = tx };
	tx->told = (struct passing){ -1, -1, -1 };
	tx->again.left = AGAIN_FIRST;
	return tx;
}

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

/* ---- its source ---- */

struct layer *sender_layer(const struct sender *tx)
{
	struct layer *l;
	if (!tx->on || !tx->cur.rx || tx->layer >= tx->cur.rx->n_layers)
		return NULL;
	l = &tx->cur.rx->layers[tx->layer];
	return l->gen == tx->gen ? l : NULL;
}

void sender_promote(struct sender *tx)
{
	link_detach(&tx->cur);
	tx->on = false;
	if (tx->next.rx)
		link_hand_over(&tx->next, &tx->cur);
}

void sender_unlink(struct sender *tx)
{
	link_detach(&tx->next);
	link_detach(&tx->cur);
	tx->on = tx->source_ended = false;
}

void sender_aim(struct sender *tx, struct receiver *rx, int64_t now_us)
{
	tx->source_ended = false;
	if (tx->cur.rx == rx) {
		link_detach(&tx->next); /* back to the old source before the new one came */
	} else if (!tx->cur.rx) {
		link_attach(&tx->cur, rx, false);
		tx->on = false;
	} else if (tx->next.rx != rx) {
		link_detach(&tx->next);
		link_attach(&tx->next, rx, false);
		tx->switch_by_us = now_us + SWITCH_US;
	}
}
