/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "out/sender.h"
#include "stats.h"
#include "why.h"

static uint32_t to_ms(uint32_t ticks, uint32_t clock_hz)
{
	return clock_hz ? (uint32_t)((uint64_t)ticks * 1000 / clock_hz) : 0;
}

static void of_receiver(const struct receiver *rx, struct track_stats *s)
{
	for (unsigned i = 0; i < rx->n_layers; i++) {
		const struct layer *l = &rx->layers[i];
		int32_t lost = reception_lost(&l->rx);
		s->ssrc_in[i] = l->ssrc;
		s->rtx_ssrc_in[i] = l->rtx_ssrc;
		s->in[i].packets = l->packets;
		s->in[i].bytes = l->bytes;
		s->in[i].nacks = l->nacks;
		s->in[i].retransmissions = l->retransmissions;
		s->bytes_in_lastsec[i] = l->bytes_lastsec;
		s->lost[i] = lost > 0 ? (uint32_t)lost : 0;
		s->jitter_ms[i] = to_ms(l->rx.jitter16 >> 4, rx->t.clock_hz);
		s->quality_in[i] = l->quality;
	}
	s->keyframes = rx->keyframes;
	why_receiving(rx, clock_now_us(), &s->why_in);
}

static void of_sender(const struct sender *tx, struct track_stats *s)
{
	s->ssrc_out = tx->t.out_ssrc;
	s->out.packets = tx->packets;
	s->out.bytes = tx->bytes;
	s->out.nacks = tx->nacks;
	s->out.retransmissions = tx->retransmissions;
	s->bytes_out_lastsec = tx->bytes_lastsec;
	s->lost_remote = tx->lost_remote > 0 ? (uint32_t)tx->lost_remote : 0;
	s->jitter_remote_ms = to_ms(tx->jitter_remote, tx->t.clock_hz);
	s->quality_out = tx->quality;
	if (tx->cur.rx && tx->t.feedback & CARDEA_FB_NACK) /* its packets lie with their source */
		s->nack_queue_ms = (uint32_t)(tx->cur.rx->span_us / US_PER_MS);
	why_sending(tx, clock_now_us(), &s->why_out);
	if (!sender_layer(tx))
		return;
	s->substream = tx->has_untold ? tx->untold.substream : tx->told.substream;
	s->temporal = tx->has_untold ? tx->untold.temporal : tx->told.temporal;
}

static const struct track *track_of(const struct mline *l)
{
	if (l->rx)
		return &l->rx->t;
	return l->tx ? &l->tx->t : NULL;
}

unsigned stats_of_peer(const struct peer *p, struct track_stats *out, unsigned max)
{
	unsigned n = 0;
	for (unsigned i = 0; i < p->n_lines && n < max; i++) {
		const struct mline *l = &p->lines[i];
		const struct track *t = track_of(l);
		struct track_stats *s;
		if (!t)
			continue;
		s = &out[n++];
		memset(s, 0, sizeof *s);
		s->mindex = (uint16_t)i;
		s->kind = t->kind;
		s->codec = t->codec;
		s->substream = s->temporal = -1;
		s->rtt_ms = (uint32_t)(p->rtt_us / US_PER_MS);
		if (l->rx)
			of_receiver(l->rx, s);
		if (l->tx)
			of_sender(l->tx, s);
	}
	return n;
}
