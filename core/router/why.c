/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "out/select.h"
#include "out/sender.h"
#include "why.h"

/* Whether packets flow is seen by comparing counters between two looks, so that packets cost
 * nothing more. Sound may pause for as long as DTX does (RFC 6716: a packet each 400 ms), which is
 * far from AUDIO_US; a muted microphone sends silence. Pictures may be slow: what has come at one
 * in three seconds is missed after six (layer_silent()). */
#define LOOK_US     US_PER_S
#define FEW         32 /* peers that are looked at in one go; of more a tenth each 100 ms */
#define VIDEO_US    (2 * US_PER_S)
#define AUDIO_US    (5 * US_PER_S)
#define STRAYING_US (5 * US_PER_S) /* packets of nobody are a matter of now */

static int64_t patience_us(enum cardea_kind kind)
{
	return kind == CARDEA_VIDEO ? VIDEO_US : AUDIO_US;
}

static bool is_unheard(const struct peer *p, int64_t now_us, struct why *w)
{
	if (now_us - p->heard_us <= UNHEARD_US)
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

static bool is_silent(const struct receiver *rx, int64_t now_us)
{
	for (unsigned i = 0; i < rx->n_layers; i++)
		if (rx->layers[i].last_at_us &&
			!layer_silent(&rx->layers[i], patience_us(rx->t.kind), now_us))
			return false;
	return true;
}

/* ---- what we send ---- */

static uint64_t n_sent(const struct sender *tx)
{
	return tx->packets - tx->retransmissions;
}

static bool flows(const struct sender *tx, int64_t now_us)
{
	const struct look *k = &tx->look;
	return n_sent(tx) != k->packets ||
	       (k->moved_us && now_us - k->moved_us < patience_us(tx->t.kind));
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

/* Nothing has left for a while. */
static uint8_t of_silence(
	const struct sender *tx, const struct receiver *rx, int64_t now_us, struct why *w)
{
	int64_t came_us = newest_us(rx);
	uint8_t code;
	if (!came_us)
		return WHY_SOURCE_EMPTY;
	if (is_silent(rx, now_us)) {
		w->since_us = came_us;
		return WHY_SOURCE_STALLED;
	}
	if (rx->odd_us && now_us - rx->odd_us < patience_us(rx->t.kind))
		return WHY_CODEC;
	code = rx->t.kind == CARDEA_VIDEO ? of_layers(tx, rx, w) : WHY_WELL;
	/* What is slow has come before the last look that saw something leave. */
	return code == WHY_WELL && came_us > tx->look.moved_us ? WHY_REFUSED : code;
}

static uint8_t of_source(
	const struct sender *tx, const struct receiver *rx, int64_t now_us, struct why *w)
{
	if (rx->muted)
		return WHY_MUTED;
	if (rx->peer->is_source && rx->peer->source.is_paused)
		return WHY_SOURCE_PAUSED;
	if (!rx->peer->up)
		return WHY_SOURCE_NOT_UP;
	if (!(rx->t.dir & CARDEA_RECV))
		return WHY_SOURCE_STOPPED;
	if (rx->t.kind != tx->t.kind || rx->t.codec != tx->t.codec)
		return WHY_CODEC;
	return flows(tx, now_us) ? of_quality(tx, rx, w) : of_silence(tx, rx, now_us, w);
}

static uint8_t of_sender(const struct sender *tx, int64_t now_us, struct why *w)
{
	/* of two sources the one that was asked for last */
	const struct receiver *rx = tx->next.rx ? tx->next.rx : tx->cur.rx;
	if (!(tx->t.dir & CARDEA_SEND))
		return rx ? WHY_NOT_DESCRIBED : WHY_WELL;
	if (!tx->peer->up)
		return WHY_NOT_UP;
	if (tx->t.kind == CARDEA_VIDEO && is_unheard(tx->peer, now_us, w))
		return WHY_PEER_SILENT; /* sound goes on */
	if (!rx)
		return tx->source_ended ? WHY_SOURCE_ENDED : WHY_NO_ROUTE;
	if (tx->route.paused)
		return WHY_PAUSED;
	if (tx->next.rx && tx->cur.rx && flows(tx, now_us))
		return WHY_WELL; /* the old one, until the new one has a keyframe */
	return of_source(tx, rx, now_us, w);
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

static uint8_t of_receiver(const struct receiver *rx, int64_t now_us, struct why *w)
{
	int64_t came_us = newest_us(rx);
	if (!(rx->t.dir & CARDEA_RECV))
		return of_undescribed(rx, now_us, w);
	if (!rx->peer->up)
		return WHY_NOT_UP;
	if (is_unheard(rx->peer, now_us, w))
		return WHY_PEER_SILENT;
	if (rx->muted)
		return WHY_MUTED;
	if (came_us && !is_silent(rx, now_us))
		return WHY_WELL;
	if (strays(rx, now_us)) {
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
	*out = (struct why){ 0 };
	finish(out, of_sender(tx, now_us, out), &tx->look, now_us);
}

void why_receiving(const struct receiver *rx, int64_t now_us, struct why *out)
{
	*out = (struct why){ 0 };
	finish(out, of_receiver(rx, now_us, out), &rx->look, now_us);
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

static void note(struct peer *p, unsigned mindex, bool sends, struct look *k, const struct why *w,
	int64_t now_us)
{
	const struct router *r = p->r;
	uint8_t code = w->code == WHY_LAYER_NOT_SENT ? WHY_WELL : w->code; /* there is a picture */
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
	for (unsigned i = 0; i < p->n_lines; i++) {
		struct receiver *rx = p->lines[i].rx;
		struct sender *tx = p->lines[i].tx;
		struct why w;
		if (rx) {
			why_receiving(rx, now_us, &w);
			note(p, i, false, &rx->look, &w, now_us);
		}
		if (!tx)
			continue;
		if (n_sent(tx) != tx->look.packets)
			tx->look.moved_us = now_us;
		tx->look.packets = n_sent(tx);
		why_sending(tx, now_us, &w);
		note(p, i, true, &tx->look, &w, now_us);
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
