/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdlib.h>
#include "../../base/id.h"
#include "../../rtp/rtp.h"
#include "../in/keyframe.h"
#include "../meter.h"
#include "sink.h"
#include "sink_queue.h"

#define SINKS_MAX   4096
#define RETRY_US    20000
#define REPORT_US   100000 /* between two sender reports of one layer */
#define WISHES      10     /* keyframes at once, and then one in … */
#define WISH_US     (4 * US_PER_S)
#define FALLBACK_US 250000 /* as routes have it by default */
#define NO_LAYER    UINT8_MAX
#define TOGETHER    32              /* packets in one record */
#define PARTS       4               /* of a packet in a record */
#define TORN_US     (10 * US_PER_S) /* without a keyframe: perhaps none can be told */

enum { UNTOLD_END = 1, UNTOLD_TRACK = 2, UNTOLD_CLOSED = 4 };

struct sink {
	struct consumer tie;
	struct router *r;
	struct node node; /* in the router's */
	struct sink_want want;
	struct queue *queue;
	struct queue_share share;
	uint32_t lost;       /* packets, not told yet */
	uint8_t untold;      /* bits: not told yet */
	uint8_t layer, next; /* carried, and to be carried from its next keyframe on */
	uint8_t torn;        /* bits: layers that wait for a keyframe, as packets were shed */
	int64_t torn_us;     /* since when */
	struct budget wishes;
	int64_t report_told_us[CARDEA_LAYERS];
};

/* Also one that is closed, as long as its reader does not know. */
static struct sink *find_any(const struct router *r, uint64_t id)
{
	RING_EACH(&r->sinks, n) {
		struct sink *s = NODE_OF(n, struct sink, node);
		if (s->want.id == id)
			return s;
	}
	return NULL;
}

static struct sink *find(const struct router *r, uint64_t id)
{
	struct sink *s = find_any(r, id);
	return s && !(s->untold & UNTOLD_CLOSED) ? s : NULL;
}

/* ---- what the reader is told ---- */

static bool push(struct sink *s, enum sink_type type, struct sink_record *rec, size_t len)
{
	rec->type = type;
	rec->sink = s->want.id;
	rec->lost = s->lost;
	if (queue_push(s->queue, rec, len))
		return false;
	s->lost = 0;
	return true;
}

static bool push_track(struct sink *s)
{
	const struct receiver *rx = s->tie.rx;
	struct sink_record rec = {
		.track = { .t = rx->t, .peer = s->want.from_peer, .muted = rx->muted }
	};
	return push(s, SINK_TRACK, &rec, sizeof rec);
}

/* @return all is told */
static bool tell_untold(struct sink *s)
{
	struct sink_record rec = { 0 };
	if (s->untold & UNTOLD_END && !push(s, SINK_SOURCE_ENDED, &rec, SINK_HEAD))
		return false;
	s->untold &= (uint8_t)~UNTOLD_END;
	if (s->untold & UNTOLD_TRACK && !push_track(s))
		return false;
	s->untold &= (uint8_t)~UNTOLD_TRACK;
	return !(s->untold & UNTOLD_CLOSED) || push(s, SINK_CLOSED, &rec, SINK_HEAD);
}

static void tell_later(const struct sink *s)
{
	struct router *r = s->r;
	if (!wheel_armed(&r->sink_timer))
		wheel_set(r->wheel, &r->sink_timer, clock_now_us() + RETRY_US);
}

static void discard(struct sink *s)
{
	s->r->n_sinks--;
	link_detach(&s->tie);
	node_del(&s->node);
	free(s);
}

static void tell(struct sink *s, uint8_t what)
{
	s->untold |= what;
	if (!tell_untold(s))
		tell_later(s);
	else if (s->untold & UNTOLD_CLOSED)
		discard(s);
}

static void mend(struct sink *s);

void sink_tell_rest(void *router)
{
	struct router *r = router;
	RING_EACH(&r->sinks, n) {
		struct sink *s = NODE_OF(n, struct sink, node);
		struct sink_record rec = { 0 };
		if (!tell_untold(s) || (s->lost && !push(s, SINK_LOST, &rec, SINK_HEAD)))
			tell_later(s);
		else if (s->untold & UNTOLD_CLOSED)
			discard(s);
		else
			mend(s);
	}
}

/* ---- keyframes, layers ---- */

static void wish(struct sink *s, unsigned layer, int64_t now_us)
{
	struct receiver *rx = s->tie.rx;
	if (rx->t.kind != CARDEA_VIDEO || layer >= rx->n_layers)
		return;
	if (rx->layers[layer].wish || budget_take(&s->wishes, WISHES, WISH_US, now_us))
		keyframe_want(rx, layer, now_us);
	else
		metric_add(&router_wish_drops, 1);
}

/* Is there room for more than what comes next? */
static bool has_room(struct sink *s)
{
	struct sink_record rec = { .type = SINK_LOST, .sink = s->want.id };
	return !queue_push_share(s->queue, &s->share, s->want.share / 2, &rec, SINK_HEAD);
}

/* What was torn goes on as soon as that can last. */
static void mend(struct sink *s)
{
	if (!s->torn || !s->tie.rx)
		return;
	if (!has_room(s)) {
		tell_later(s);
		return;
	}
	for (unsigned i = 0; i < CARDEA_LAYERS; i++)
		if (s->torn >> i & 1)
			wish(s, i, clock_now_us());
}

/* The best layer that comes; NO_LAYER: none does. */
static uint8_t best(const struct receiver *rx)
{
	for (unsigned i = rx->n_layers; i-- > 0;)
		if (layer_alive(&rx->layers[i], FALLBACK_US))
			return (uint8_t)i;
	return NO_LAYER;
}

static bool is_choosing(const struct sink *s)
{
	return s->tie.rx->n_layers > 1 && !s->want.layers;
}

static void choose(struct sink *s, int64_t now_us)
{
	uint8_t next = best(s->tie.rx);
	if (next == NO_LAYER)
		return;
	s->next = next;
	if (s->next != s->layer)
		wish(s, s->next, now_us);
}

static unsigned wants(const struct consumer *c)
{
	const struct sink *s = c->owner;
	if (c->rx->n_layers == 1)
		return 1;
	if (s->want.layers)
		return s->want.layers;
	if (s->next == NO_LAYER)
		return UINT8_MAX;
	return 1u << s->next | (s->layer == NO_LAYER ? 0 : 1u << s->layer);
}

static bool passes(struct sink *s, const struct receiver *rx, const struct held *h)
{
	if (rx->n_layers == 1)
		return true;
	if (s->want.layers)
		return s->want.layers >> h->layer & 1;
	if (h->layer == s->next && h->info.is_keyframe && h->info.starts_frame)
		s->layer = h->layer;
	return h->layer == s->layer;
}

static void ask(struct sink *s, int64_t now_us)
{
	if (is_choosing(s)) {
		wish(s, s->next == NO_LAYER ? s->tie.rx->n_layers - 1 : s->next, now_us);
		return;
	}
	for (unsigned i = 0; i < s->tie.rx->n_layers; i++)
		if (wants(&s->tie) >> i & 1)
			wish(s, i, now_us);
}

/* ---- packets ---- */

struct copied {
	struct sink_packet p;
	uint8_t header[RTP_HEADER];
};
/* A batch on its way into the queue. */
struct sink_batch {
	unsigned n;
	struct copied of[TOGETHER];
	struct iovec parts[1 + PARTS * TOGETHER];
};

/* Pictures that refer to some that were shed are of no use: the whole group goes with them. */
static bool is_torn(struct sink *s, const struct held *h, int64_t now_us)
{
	uint8_t bit = (uint8_t)(1u << h->layer);
	if (!(s->torn & bit))
		return false;
	if ((h->info.is_keyframe && h->info.starts_frame) || now_us - s->torn_us > TORN_US) {
		s->torn &= (uint8_t)~bit;
		return false;
	}
	s->lost++;
	metric_add(&router_sink_drops, 1);
	tell_later(s);
	return true;
}

static void tear(struct sink *s, const struct sink_batch *b)
{
	if (s->want.kind != CARDEA_VIDEO)
		return;
	for (unsigned i = 0; i < b->n; i++)
		s->torn |= (uint8_t)(1u << b->of[i].p.layer);
	s->torn_us = clock_now_us();
}

/* The header as it was sent at first. */
static void write_header(uint8_t *out, const struct pkt *k)
{
	out[0] = k->data[0] & 0xdf; /* without padding */
	out[1] = (uint8_t)(k->marker << 7 | k->pt);
	wr16(out + 2, k->seq);
	wr32(out + 4, k->ts);
	wr32(out + 8, k->ssrc);
}

/* Fixed header, what is between that and the payload, payload, and up to 7 bytes more, so that the
 * next begins where it can be read. */
static void add(struct sink_batch *b, const struct held *h)
{
	static uint8_t gap[8];
	struct pkt *k = h->k;
	struct copied *c = &b->of[b->n];
	struct iovec *part = &b->parts[1 + PARTS * b->n++];
	size_t header = rtp_header_len(k->data, k->len);
	bool is_empty = h->drop || k->again; /* the latter has been taken before */
	uint16_t payload_len = is_empty ? 0 : k->payload_len;
	c->p = (struct sink_packet){ .at_us = k->at_us,
		.gen = h->gen,
		.ts = k->ts,
		.seq = k->seq,
		.layer = h->layer,
		.is_empty = is_empty,
		.len = (uint16_t)(header + payload_len),
		.payload = (uint16_t)header,
		.payload_len = payload_len,
		.info = h->info };
	write_header(c->header, k);
	part[0] = (struct iovec){ c, offsetof(struct copied, header) + RTP_HEADER };
	part[1] = (struct iovec){ k->data + RTP_HEADER, header - RTP_HEADER };
	part[2] = (struct iovec){ k->data + k->payload, payload_len };
	part[3] = (struct iovec){ gap, -(size_t)c->p.len & 7 };
}

static void leave(struct sink *s, struct sink_batch *b)
{
	struct sink_record rec = { .type = SINK_PACKETS, .sink = s->want.id, .packets = { b->n } };
	bool has_told;
	if (!b->n)
		return;
	has_told = tell_untold(s);
	rec.lost = s->lost;
	b->parts[0] = (struct iovec){ &rec, SINK_HEAD };
	if (has_told &&
		!queue_push_parts(s->queue, &s->share, s->want.share, b->parts, 1 + PARTS * b->n)) {
		s->lost = 0;
	} else {
		s->lost += b->n;
		metric_add(&router_sink_drops, b->n);
		tear(s, b);
		tell_later(s);
	}
	b->n = 0;
}

static void take(struct consumer *c, int64_t now_us)
{
	struct sink *s = c->owner;
	struct sink_batch b; /* not zeroed for each */
	b.n = 0;
	for (const struct held *h = c->rx->leaving; h; h = h->next) {
		if (passes(s, c->rx, h) && !is_torn(s, h, now_us))
			add(&b, h);
		if (b.n == TOGETHER)
			leave(s, &b);
	}
	leave(s, &b);
	if (is_choosing(s))
		choose(s, now_us);
}

/* ---- as a consumer ---- */

static void track_changed(struct consumer *c, int64_t now_us)
{
	struct sink *s = c->owner;
	(void)now_us;
	if (s->layer >= c->rx->n_layers || s->next >= c->rx->n_layers)
		s->layer = s->next = NO_LAYER; /* they are others now */
	tell(s, UNTOLD_TRACK);
}

static void muted(struct consumer *c)
{
	tell(c->owner, UNTOLD_TRACK);
}

static void report(struct consumer *c, unsigned layer, int64_t now_us)
{
	struct sink *s = c->owner;
	const struct layer *l = &c->rx->layers[layer];
	struct sink_record rec = { .report = { .ntp = l->sr_ntp,
					   .at_us = now_us,
					   .ts = l->sr_ts,
					   .layer = (uint8_t)layer } };
	if (s->untold || now_us - s->report_told_us[layer] < REPORT_US)
		return; /* the next is as good */
	s->report_told_us[layer] = now_us;
	push(s, SINK_REPORT, &rec, sizeof rec);
}

static void source_ended(struct sink *s)
{
	s->want.from_peer = 0;
	s->untold &= (uint8_t)~UNTOLD_TRACK;
	tell(s, UNTOLD_END);
}

static void receiver_ended(struct consumer *c, struct receiver *rx)
{
	(void)rx;
	source_ended(c->owner);
}

static const struct consumer_ops ops = {
	.take = take,
	.wants = wants,
	.track = track_changed,
	.muted = muted,
	.report = report,
	.end = receiver_ended,
};

/* ---- life ---- */

static void tie(struct sink *s, struct receiver *rx)
{
	int64_t now_us = clock_now_us();
	s->layer = s->next = NO_LAYER;
	link_attach(&s->tie, rx, false);
	tell(s, UNTOLD_TRACK);
	ask(s, now_us);
}

static bool is_source(const struct sink *s, const struct sink_want *w)
{
	return s->want.from_peer == w->from_peer && s->want.from_worker == w->from_worker &&
	       s->want.from_mindex == w->from_mindex;
}

static struct sink *make(struct router *r, const struct sink_want *w)
{
	struct sink *s = r->n_sinks < SINKS_MAX ? calloc(1, sizeof *s) : NULL;
	if (!s)
		return NULL;
	s->tie = (struct consumer){ .ops = &ops, .owner = s };
	s->r = r;
	s->want = *w;
	s->queue = sink_queue_get(w->queue);
	r->n_sinks++;
	node_add(&r->sinks, &s->node);
	return s;
}

static enum err refuse(const struct sink_want *w, enum err e)
{
	const struct sink_record rec = { .type = SINK_CLOSED, .sink = w->id };
	struct queue *q = sink_queue_get(w->queue);
	if (q)
		queue_push(q, &rec, SINK_HEAD);
	return e;
}

enum err sink_open(struct router *r, const struct sink_want *w, struct receiver *rx)
{
	struct sink *s = find_any(r, w->id);
	if (!sink_queue_get(w->queue) || (s && s->want.queue != w->queue))
		return refuse(w, ERR_INVALID);
	if (s && s->untold & UNTOLD_CLOSED)
		return ERR_EXISTS;
	if (!s && !(s = make(r, w)))
		return refuse(w, ERR_FULL);
	if (s->tie.rx && !is_source(s, w)) {
		link_detach(&s->tie);
		source_ended(s);
	} else if (!s->tie.rx && !w->from_peer) {
		tell(s, UNTOLD_END); /* it was gone before */
	}
	s->want = *w;
	if (s->tie.rx)
		ask(s, clock_now_us()); /* other layers, perhaps */
	else if (rx)
		tie(s, rx);
	return OK;
}

void sink_close(struct router *r, uint64_t id)
{
	struct sink *s = find(r, id);
	if (!s)
		return;
	link_detach(&s->tie);
	s->untold &= (uint8_t)~UNTOLD_TRACK;
	tell(s, UNTOLD_CLOSED);
}

void sink_keyframe(struct router *r, uint64_t id)
{
	struct sink *s = find(r, id);
	if (s && s->tie.rx)
		ask(s, clock_now_us());
}

void sink_receiver_made(struct receiver *rx)
{
	const struct peer *p = rx->peer;
	RING_EACH(&p->r->sinks, n) {
		struct sink *s = NODE_OF(n, struct sink, node);
		if (!s->tie.rx && s->want.from_peer && ID_SLOT(s->want.from_peer) == p->slot &&
			s->want.from_worker == p->r->conf.worker &&
			s->want.from_mindex == rx->t.mindex)
			tie(s, rx);
	}
}

void sink_peer_closed(struct router *r, uint32_t slot)
{
	RING_EACH(&r->sinks, n) {
		struct sink *s = NODE_OF(n, struct sink, node);
		if (!s->tie.rx && s->want.from_peer && ID_SLOT(s->want.from_peer) == slot &&
			s->want.from_worker == r->conf.worker)
			source_ended(s);
	}
}

void sink_end_all(struct router *r)
{
	RING_EACH(&r->sinks, n) {
		struct sink *s = NODE_OF(n, struct sink, node);
		struct sink_record rec = { 0 };
		push(s, SINK_CLOSED, &rec, SINK_HEAD);
		discard(s);
	}
}
