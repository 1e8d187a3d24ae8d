/* SPDX-License-Identifier: Apache-2.0 */
#include "outgoing.h"
#include "resend.h"

#define AGAIN_US  40000
#define AGAIN_MAX 6

void resend(struct sender *tx, uint16_t seq, int64_t now_us)
{
	const struct source *from;
	struct receiver *rx;
	struct layer *l;
	struct sent *s;
	struct pkt *k;
	if (!tx->sent || !tx->peer->up || !(tx->t.dir & CARDEA_SEND) ||
		!(tx->t.feedback & CARDEA_FB_NACK))
		return;
	s = &tx->sent[seq & (tx->n_sent - 1)];
	if (!s->used || s->seq != seq || s->times >= AGAIN_MAX)
		return;
	if (s->times && (uint32_t)now_us - s->at_us < (uint32_t)AGAIN_US << (s->times - 1))
		return;
	from = &tx->sources[s->source & 3];
	rx = (from->is_mirror ? peer_mirror : peer_receiver)(tx->peer->r, from->slot, from->mindex);
	if (from->tag != s->source || !rx || from->layer >= rx->n_layers)
		return;
	l = &rx->layers[from->layer];
	if (l->gen != from->gen || !l->cache || !(k = cache_get(l->cache, s->in_seq)))
		return;
	if (now_us - k->at_us > SPAN_MAX_US)
		return;
	s->times++;
	s->at_us = (uint32_t)now_us;
	outgoing_again(tx, rx, k, s, now_us);
}
