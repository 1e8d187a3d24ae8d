/* SPDX-License-Identifier: Apache-2.0 */
#include "../in/level.h"
#include "../out/select.h"
#include "compound.h"
#include "remb.h"
#include "reports.h"

/* Once a second and peer, while media flows: reports about what came and what went (RFC 3550,
 * section 6), silence noticed, losses told. */
#define BLOCKS  31
#define SR_ROOM (28 + 24 * BLOCKS + 20)

/* ---- clocks ---- */

/* What a sender's RTP clock shows now. */
static uint32_t rtp_now(const struct sender *tx, int64_t now_us)
{
	const struct rewrite *w = tx->rw;
	const struct layer *l = sender_layer(tx);
	int64_t since_us;
	if (l && l->has_sr && w->bound) {
		since_us = (int64_t)((uint64_t)now_us - tx->cur.rx->peer->clock_off_us -
				     peer_ntp_us(l->sr_ntp));
		if (since_us > -60 * US_PER_S && since_us < 60 * US_PER_S)
			return l->sr_ts + w->ts_off + (uint32_t)(since_us * w->clock_hz / US_PER_S);
	}
	since_us = now_us - w->ts_hi_at_us;
	if (since_us < 0 || since_us > 60 * US_PER_S)
		since_us = 0;
	return w->ts_hi + (uint32_t)(since_us * w->clock_hz / US_PER_S);
}

/* ---- quality ---- */

/* An interval without packets says nothing new. */
static void rate(struct quality *q, uint64_t expected, uint64_t lost, uint64_t repaired)
{
	if (!expected)
		return;
	if (lost > expected)
		lost = expected;
	if (repaired > lost)
		repaired = lost;
	q->link = (uint8_t)(100 * (expected - lost) / expected);
	q->media = (uint8_t)(100 * (expected - lost + repaired) / expected);
}

/* Since the last report block, which has the same interval. RTX brings bandwidth probes too, so
 * that its packets alone do not tell what was mended; but what had to be asked for twice was not.
 */
static void rate_layer(struct layer *l)
{
	const struct reception *r = &l->rx;
	uint32_t got = r->received - r->received_prior,
		 expected = r->received + (uint32_t)reception_lost(r) - r->expected_prior,
		 lost = expected > got ? expected - got : 0;
	uint64_t again = l->retransmissions - l->reported_retransmissions,
		 asked = l->nacks - l->reported_nacks,
		 once = 2 * (uint64_t)lost > asked ? 2 * (uint64_t)lost - asked : 0;
	rate(&l->quality, expected, lost, again < once ? again : once);
	l->reported_retransmissions = l->retransmissions;
	l->reported_nacks = l->nacks;
}

/* The share (of 256) that the peer missed since its last report. What was sent again may have got
 * lost as well. */
static void note_fraction(struct sender *tx, uint8_t fraction)
{
	uint64_t again = tx->retransmissions - tx->heard.retransmissions,
		 once = tx->packets - tx->heard.packets - again;
	tx->heard.expected256 += 256 * once;
	tx->heard.lost256 += fraction * once;
	if (tx->t.rtx_pt)
		tx->heard.mended256 += (256 - fraction) * again;
	tx->heard.packets = tx->packets;
	tx->heard.retransmissions = tx->retransmissions;
}

/* Browsers report with every NACK: one report alone may be about a handful of packets. */
static void rate_sender(struct sender *tx)
{
	rate(&tx->quality, tx->heard.expected256, tx->heard.lost256, tx->heard.mended256);
	tx->heard.expected256 = tx->heard.lost256 = tx->heard.mended256 = 0;
}

/* ---- writing ---- */

struct compound {
	struct peer *p;
	uint8_t data[RTCP_ROOM];
	struct rtcp_buf b;
	struct rtcp_block blocks[BLOCKS];
	unsigned n_blocks;
};

static void flush(struct compound *c)
{
	struct router *r = c->p->r;
	if (c->b.len)
		r->ops->send_rtcp(r->arg, c->p->slot, c->data, c->b.len);
	c->b.len = 0;
}

static void put_rr(struct compound *c)
{
	if (!c->n_blocks)
		return;
	flush(c);
	rtcp_put_rr(&c->b, c->p->our_ssrc, c->blocks, c->n_blocks);
	rtcp_put_sdes(&c->b, c->p->our_ssrc, CNAME);
	c->n_blocks = 0;
	flush(c);
}

static void put_block(struct compound *c, struct layer *l, int64_t now_us)
{
	struct rtcp_block *b = &c->blocks[c->n_blocks];
	rate_layer(l);
	reception_block(&l->rx, b);
	b->ssrc = l->ssrc;
	b->lsr = b->dlsr = 0;
	if (l->has_sr) {
		b->lsr = (uint32_t)(l->sr_ntp >> 16);
		b->dlsr = (uint32_t)(((now_us - l->sr_at_us) << 16) / US_PER_S);
	}
	if (++c->n_blocks == BLOCKS)
		put_rr(c);
}

static void put_sr(struct compound *c, const struct sender *tx, int64_t now_us)
{
	uint64_t packets = tx->packets -
			   (tx->t.rtx_pt ? tx->retransmissions : 0); /* those are another SSRC's */
	if (c->b.len + SR_ROOM > sizeof c->data)
		flush(c);
	rtcp_put_sr(&c->b, tx->t.out_ssrc, peer_ntp(c->p->r, now_us), rtp_now(tx, now_us),
		(uint32_t)packets, tx->octets, c->blocks, c->n_blocks);
	rtcp_put_sdes(&c->b, tx->t.out_ssrc, CNAME);
	c->n_blocks = 0;
}

/* ---- what the peer reports ---- */

static void learn_rtt(struct peer *p, uint32_t lsr, uint32_t dlsr, int64_t now_us)
{
	uint32_t now = (uint32_t)(peer_ntp(p->r, now_us) >> 16), rtt = now - lsr - dlsr;
	int64_t rtt_us = ((int64_t)rtt * US_PER_S) >> 16;
	if (!lsr || rtt_us > 10 * US_PER_S) /* or negative: a block about some other report */
		return;
	p->rtt_us = p->rtt_us ? (7 * p->rtt_us + rtt_us) / 8 : rtt_us + 1;
}

void reports_block(struct peer *p, struct sender *tx, const struct rtcp_item *it, int64_t now_us)
{
	tx->lost_remote = it->block.lost;
	tx->jitter_remote = it->block.jitter;
	note_fraction(tx, it->block.fraction);
	learn_rtt(p, it->block.lsr, it->block.dlsr, now_us);
}

/* ---- once a second ---- */

static void slow_link(struct peer *p, unsigned mindex, bool uplink, int64_t lost)
{
	struct router *r = p->r;
	if (r->conf.slowlink_threshold && lost >= r->conf.slowlink_threshold)
		r->ops->slow_link(r->arg, p->slot, mindex, uplink, (unsigned)lost);
}

static void notice_silence(struct receiver *rx, unsigned i, int64_t now_us)
{
	struct router *r = rx->peer->r;
	struct layer *l = &rx->layers[i];
	if (!l->on || !r->conf.no_media_s ||
		!layer_silent(l, r->conf.no_media_s * US_PER_S, now_us))
		return;
	l->on = false;
	r->ops->receiving(r->arg, rx->peer->slot, rx->t.mindex, substream_of(rx, i), false,
		r->conf.no_media_s);
}

/* @return is there more to come for this receiver? */
static bool tick_receiver(struct compound *c, struct receiver *rx, int64_t now_us)
{
	bool flows = false;
	int64_t lost = 0;
	for (unsigned i = 0; i < rx->n_layers; i++) {
		struct layer *l = &rx->layers[i];
		int32_t now_lost = reception_lost(&l->rx);
		if (l->packets != l->reported_packets && l->rx.started && receiver_open(rx))
			put_block(c, l, now_us);
		flows |= l->packets != l->reported_packets;
		lost += now_lost > l->reported_lost ? (int64_t)now_lost - l->reported_lost : 0;
		l->reported_lost = now_lost;
		l->reported_packets = l->packets;
		l->bytes_lastsec = (uint32_t)(l->bytes - l->reported_bytes);
		l->reported_bytes = l->bytes;
		notice_silence(rx, i, now_us);
		flows |= l->on && c->p->r->conf.no_media_s;
	}
	level_review(rx, now_us);
	link_review_span(rx, now_us);
	slow_link(c->p, rx->t.mindex, false, lost);
	return flows || rx->watch.talks;
}

static bool tick_sender(struct compound *c, struct sender *tx, int64_t now_us)
{
	bool flows = tx->packets != tx->reported_packets;
	if (flows)
		put_sr(c, tx, now_us);
	slow_link(c->p, tx->t.mindex, true, (int64_t)tx->lost_remote - tx->reported_lost);
	tx->reported_lost = tx->lost_remote;
	rate_sender(tx);
	select_tell_rest(tx);
	tx->reported_packets = tx->packets;
	tx->bytes_lastsec = (uint32_t)(tx->bytes - tx->reported_bytes);
	tx->reported_bytes = tx->bytes;
	return flows;
}

static void tell_estimate(struct peer *p)
{
	const struct router *r = p->r;
	if (p->remb_bps == p->told_remb_bps || !r->ops->estimate)
		return;
	p->told_remb_bps = p->remb_bps;
	r->ops->estimate(r->arg, p->slot, p->remb_bps);
}

static bool tick_peer(struct peer *p, int64_t now_us)
{
	struct compound c = { .p = p, .b.size = RTCP_ROOM };
	bool flows = false, video = false;
	c.b.data = c.data;
	for (unsigned i = 0; i < p->n_lines; i++) {
		struct receiver *rx = p->lines[i].rx;
		if (rx && tick_receiver(&c, rx, now_us)) {
			flows = true;
			video |= rx->t.kind == CARDEA_VIDEO;
		}
	}
	for (unsigned i = 0; i < p->n_lines; i++)
		if (p->lines[i].tx)
			flows |= tick_sender(&c, p->lines[i].tx, now_us);
	put_rr(&c);
	flush(&c);
	if (video)
		remb_repeat(p, now_us);
	p->is_silent = now_us - p->heard_us > UNHEARD_US;
	tell_estimate(p);
	return flows;
}

void reports_if_due(struct router *r, int64_t now_us)
{
	if (r->n_ticking && now_us >= r->tick_due_us)
		reports_tick(r);
}

void reports_tick(void *router)
{
	struct router *r = router;
	int64_t now_us = clock_now_us();
	r->tenth = (r->tenth + 1) % TICKS;
	RING_EACH(&r->ticks[r->tenth], n) {
		if (tick_peer(NODE_OF(n, struct peer, tick), now_us))
			continue;
		node_del(n); /* silent: it costs nothing until something flows again */
		r->n_ticking--;
	}
	if (r->n_ticking)
		peer_plan_tick(
			r, r->tick_due_us + TICK_US > now_us ? r->tick_due_us + TICK_US : now_us);
}
