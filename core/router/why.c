/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "out/select.h"
#include "out/sender.h"
#include "why.h"

/* Whether packets flow is seen by comparing counters between two looks, so that packets cost
 * nothing more. Sound may pause for as long as DTX does (RFC 6716: a packet each 400 ms), which is
 * far from AUDIO_US; a muted microphone sends silence. Pictures may be slow: what has come at one
 * in three seconds is missed after six (layer_silent()). Who asks looks at a picture that stands
 * still, and is to have the answer within two seconds of that: so it is missed sooner. */
#define LOOK_US      US_PER_S
#define FEW          32 /* peers that are looked at in one go; of more a tenth each 100 ms */
#define VIDEO_US     (2 * US_PER_S)
#define ASKED_US     (750 * US_PER_MS) /* the same where somebody asks */
#define FAST_US      (250 * US_PER_MS) /* between two pictures: a camera's, not a still screen's */
#define KNOWN_FRAMES 30                /* from then on it is known how often pictures come */
#define AUDIO_US     (5 * US_PER_S)
#define STRAYING_US  (5 * US_PER_S) /* packets of nobody are a matter of now */

/* The moment of a look, or of a question. */
struct moment {
	int64_t now_us, video_us;
	bool is_asked;
};

static int64_t patience_us(const struct moment *m, enum cardea_kind kind)
{
	return kind == CARDEA_VIDEO ? m->video_us : AUDIO_US;
}

static bool is_unheard(const struct peer *p, const struct moment *m, struct why *w)
{
	if (m->now_us - p->heard_us <= UNHEARD_US)
		return false;
	w->since_us = p->heard_us;
	return true;
}

/* When anything came, of whichever layer; 0: never. */
static int64_t newest_us(const struct receiver *rx)
{
	int64_t at_us = 0;
	for (unsigned i = 0; i < rx->n_layers; i++)
		if (rx->layers[i].last_at_us > at_us)
			at_us = rx->layers[i].last_at_us;
	return at_us;
}

/* Whoever asks may do so soon after an outage: a pause that came once is not what is usual, but
 * where there were few pictures yet; and where pictures come fast again after several outages, it
 * is not waited for longer than where nobody asks. */
static bool is_missed(const struct layer *l, const struct moment *m, int64_t patience_us)
{
	bool is_known = m->is_asked && l->frames >= KNOWN_FRAMES;
	int64_t usual_us = 2 * (is_known ? l->second_pause_us : l->pause_us);
	if (is_known && l->pace_us < FAST_US && usual_us > VIDEO_US)
		usual_us = VIDEO_US;
	return m->now_us - l->last_at_us >= (usual_us > patience_us ? usual_us : patience_us);
}

static bool is_silent(const struct receiver *rx, const struct moment *m)
{
	for (unsigned i = 0; i < rx->n_layers; i++)
		if (rx->layers[i].last_at_us &&
			!is_missed(&rx->layers[i], m, patience_us(m, rx->t.kind)))
			return false;
	return true;
}

/* ---- what we send ---- */

static uint64_t n_sent(const struct sender *tx)
{
	return tx->packets - tx->retransmissions;
}

static bool flows(const struct sender *tx, const struct moment *m)
{
	const struct look *k = &tx->look;
	return n_sent(tx) != k->packets ||
	       (k->moved_us && m->now_us - k->moved_us < patience_us(m, tx->t.kind));
}

/* It flows; but is it the layer that was asked for? */
static uint8_t of_quality(const struct sender *tx, const struct receiver *rx, struct why *w)
{
	unsigned wanted = tx->route.max_layer ? tx->route.max_layer - 1u : 0;
	if (wanted >= rx->n_layers || !sender_layer(tx) || tx->layer >= wanted ||
		layer_alive(&rx->layers[wanted], tx->route.fallback_us))
		return WHY_WELL;
	w->layer = (uint8_t)wanted;
	return WHY_LAYER_NOT_SENT;
}

static uint8_t of_layers(const struct sender *tx, const struct receiver *rx, struct why *w)
{
	const struct layer *carried = rx == tx->cur.rx ? sender_layer(tx) : NULL, *l;
	int want = select_target(tx, rx);
	if (want < 0) {
		w->layer = (uint8_t)(tx->route.max_layer ? tx->route.max_layer - 1 : 0);
		return WHY_LAYER_CAP;
	}
	l = &rx->layers[want];
	if (carried && (carried == l || layer_alive(carried, tx->route.fallback_us)))
		return WHY_WELL;
	w->layer = (uint8_t)want;
	w->asked = l->n_asked;
	w->asked_us = l->asked_us;
	return WHY_KEYFRAME;
}

/* What its source lacks, or it of its source. */
static uint8_t of_input(
	const struct sender *tx, const struct receiver *rx, const struct moment *m, struct why *w)
{
	int64_t came_us = newest_us(rx);
	if (!came_us)
		return WHY_SOURCE_EMPTY;
	if (is_silent(rx, m)) {
		w->since_us = came_us;
		return WHY_SOURCE_STALLED;
	}
	if (rx->odd.at_us && m->now_us - rx->odd.at_us < patience_us(m, rx->t.kind) &&
		!flows(tx, m))
		return WHY_CODEC;
	return rx->t.kind == CARDEA_VIDEO ? of_layers(tx, rx, w) : WHY_WELL;
}

/* Looks compare counters, so they are late: who asks is told of what is known without them. */
static uint8_t of_flow(
	const struct sender *tx, const struct receiver *rx, const struct moment *m, struct why *w)
{
	bool is_moving = flows(tx, m);
	uint8_t code = is_moving && !m->is_asked ? WHY_WELL : of_input(tx, rx, m, w);
	if (code != WHY_WELL)
		return code;
	if (is_moving)
		return of_quality(tx, rx, w);
	/* What is slow has come before the last look that saw something leave. */
	return newest_us(rx) > tx->look.moved_us ? WHY_REFUSED : WHY_WELL;
}

static uint8_t of_source(
	const struct sender *tx, const struct receiver *rx, const struct moment *m, struct why *w)
{
	if (rx->muted)
		return WHY_MUTED;
	if (!rx->peer->up)
		return WHY_SOURCE_NOT_UP;
	if (!(rx->t.dir & CARDEA_RECV))
		return WHY_SOURCE_STOPPED;
	if (rx->t.kind != tx->t.kind || rx->t.codec != tx->t.codec)
		return WHY_CODEC;
	if (rx->peer->is_source && rx->peer->source.is_paused)
		return WHY_SOURCE_PAUSED;
	return of_flow(tx, rx, m, w);
}

static uint8_t of_sender(const struct sender *tx, const struct moment *m, struct why *w)
{
	/* of two sources the one that was asked for last */
	const struct receiver *rx = tx->next.rx ? tx->next.rx : tx->cur.rx;
	if (!(tx->t.dir & CARDEA_SEND))
		return rx ? WHY_NOT_DESCRIBED : WHY_WELL;
	if (!tx->peer->up)
		return WHY_NOT_UP;
	if (tx->t.kind == CARDEA_VIDEO && is_unheard(tx->peer, m, w))
		return WHY_PEER_SILENT; /* sound goes on */
	if (!rx)
		return tx->source_ended ? WHY_SOURCE_ENDED : WHY_NO_ROUTE;
	if (tx->route.paused)
		return WHY_PAUSED;
	if (tx->next.rx && tx->cur.rx && flows(tx, m))
		return WHY_WELL; /* the old one, until the new one has a keyframe */
	return of_source(tx, rx, m, w);
}

/* ---- what we receive ---- */

/* Packets of nobody came of late, and after whatever came on this m-line. */
static bool strays(const struct receiver *rx, int64_t now_us)
{
	const struct peer *p = rx->peer;
	return p->stray.at_us && now_us - p->stray.at_us < STRAYING_US &&
	       p->stray.at_us > newest_us(rx);
}

static uint8_t of_undescribed(const struct receiver *rx, int64_t now_us, struct why *w)
{
	if (!rx->refused_us || now_us - rx->refused_us >= STRAYING_US)
		return WHY_WELL;
	w->packets = rx->n_refused;
	return WHY_NOT_DESCRIBED;
}

/* All that has come for a while: a single one among others is the end of a row of one. */
static bool is_odd(const struct receiver *rx, const struct moment *m, struct why *w)
{
	if (!rx->odd.at_us || receiver_packets(rx) != rx->odd.of ||
		m->now_us - rx->odd.since_us < patience_us(m, rx->t.kind))
		return false;
	w->since_us = rx->odd.since_us;
	return true;
}

static uint8_t of_receiver(const struct receiver *rx, const struct moment *m, struct why *w)
{
	int64_t came_us = newest_us(rx);
	if (!(rx->t.dir & CARDEA_RECV))
		return of_undescribed(rx, m->now_us, w);
	if (!rx->peer->up)
		return WHY_NOT_UP;
	if (is_unheard(rx->peer, m, w))
		return WHY_PEER_SILENT;
	if (rx->muted)
		return WHY_MUTED;
	if (came_us && !is_silent(rx, m))
		return is_odd(rx, m, w) ? WHY_PAYLOAD_TYPE : WHY_WELL;
	if (strays(rx, m->now_us)) {
		w->ssrc = rx->peer->stray.ssrc;
		w->packets = rx->peer->stray.packets;
		return WHY_UNKNOWN_SSRC;
	}
	if (came_us)
		w->since_us = came_us;
	return came_us ? WHY_STALLED : WHY_NO_PACKETS;
}

/* ---- when somebody asks ---- */

static void finish(struct why *w, uint8_t code, const struct look *k, int64_t now_us)
{
	w->code = code;
	if (!w->since_us)
		w->since_us = k->code == code ? k->since_us : now_us;
}

void why_sending(const struct sender *tx, int64_t now_us, struct why *out)
{
	const struct moment m = { now_us, ASKED_US, true };
	*out = (struct why){ 0 };
	finish(out, of_sender(tx, &m, out), &tx->look, now_us);
}

void why_receiving(const struct receiver *rx, int64_t now_us, struct why *out)
{
	const struct moment m = { now_us, ASKED_US, true };
	*out = (struct why){ 0 };
	finish(out, of_receiver(rx, &m, out), &rx->look, now_us);
}

/* ---- once a second ---- */

/* What lasts is told. That a PeerConnection is not up is for its worker to tell, once for all its
 * m-lines. */
static bool is_worth_telling(const struct look *k, int64_t now_us)
{
	if (k->code == k->told || k->code == WHY_NOT_UP)
		return false;
	return k->code == WHY_WELL || now_us - k->since_us >= WHY_TOLD_US;
}

static void note(struct peer *p, unsigned mindex, bool sends, struct look *k, struct why *w,
	uint8_t found, int64_t now_us)
{
	const struct router *r = p->r;
	uint8_t code = found == WHY_LAYER_NOT_SENT ? WHY_WELL : found; /* there is a picture */
	finish(w, found, k, now_us);
	if (k->code != code)
		k->since_us = now_us;
	k->code = code;
	if (!is_worth_telling(k, now_us) || !r->ops->why)
		return;
	k->told = k->code;
	r->ops->why(r->arg, p->slot, mindex, sends, w);
}

static void look_at(struct peer *p, int64_t now_us)
{
	const struct moment m = { now_us, VIDEO_US, false };
	for (unsigned i = 0; i < p->n_lines; i++) {
		struct receiver *rx = p->lines[i].rx;
		struct sender *tx = p->lines[i].tx;
		struct why in = { 0 }, out = { 0 };
		if (rx)
			note(p, i, false, &rx->look, &in, of_receiver(rx, &m, &in), now_us);
		if (!tx)
			continue;
		if (n_sent(tx) != tx->look.packets)
			tx->look.moved_us = now_us;
		tx->look.packets = n_sent(tx);
		note(p, i, true, &tx->look, &out, of_sender(tx, &m, &out), now_us);
	}
}

void why_look(void *router)
{
	struct router *r = router;
	unsigned shares = r->n_peers > FEW ? TICKS : 1;
	int64_t now_us = clock_now_us();
	r->looked = (r->looked + 1) % TICKS;
	for (unsigned i = r->looked % shares; i < r->conf.max_peers; i += shares)
		if (r->peers[i] && !r->peers[i]->is_source)
			look_at(r->peers[i], now_us);
	if (r->n_peers)
		wheel_set(r->wheel, &r->look_timer, now_us + LOOK_US / shares);
}

void why_begin(struct router *r)
{
	if (!wheel_armed(&r->look_timer))
		wheel_set(r->wheel, &r->look_timer, clock_now_us() + LOOK_US);
}
