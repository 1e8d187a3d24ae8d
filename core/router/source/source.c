/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include "../../base/id.h"
#include "../../rtp/rtp.h"
#include "../in/incoming.h"
#include "../link.h"
#include "../sink/sink.h"
#include "../sink/sink_queue.h"
#include "source.h"

#define REVIEW_US US_PER_S /* how long packets are kept is looked at */

/* ---- what it is told ---- */

static void say(const struct peer *p, enum source_word word, unsigned mindex)
{
	const struct source_wish wish = { .type = word, .mindex = mindex, .source = p->source.id };
	struct queue *q = sink_queue_get(p->source.queue);
	if (q)
		queue_push(q, &wish, sizeof wish); /* one that is lost is said again */
}

static void ask_keyframe(struct receiver *rx, unsigned layer)
{
	(void)layer;
	say(rx->peer, SOURCE_KEYFRAME, rx->t.mindex);
}

static const struct receiver_ops ops = { .keyframe = ask_keyframe };

/* ---- life ---- */

static struct peer *find(const struct router *r, uint64_t id)
{
	struct peer *p = peer_get(r, ID_SLOT(id));
	return p && p->is_source && p->source.id == id ? p : NULL;
}

bool source_is_open(const struct router *r, uint64_t id)
{
	return find(r, id);
}

static struct peer *make(struct router *r, const struct source_want *w)
{
	struct peer *p = calloc(1, sizeof *p);
	if (!p)
		return NULL;
	p->r = r;
	p->slot = ID_SLOT(w->id);
	p->up = p->is_source = true;
	p->source.id = w->id;
	p->source.queue = w->queue;
	r->peers[p->slot] = p;
	return p;
}

/* Packets of it are told apart by the m-line that they name; an SSRC it has all the same, for sinks
 * and traces. */
static enum err apply(struct peer *p, struct track t)
{
	struct mline *l;
	bool is_new;
	enum err e;
	if ((t.kind != CARDEA_AUDIO && t.kind != CARDEA_VIDEO) || t.n_layers > 1)
		return ERR_INVALID;
	if ((e = peer_lines(p, t.mindex)))
		return e;
	l = &p->lines[t.mindex];
	is_new = !l->rx;
	t.feedback = 0;
	t.n_layers = 0;
	t.ssrc[0] = 1u + t.mindex;
	if (is_new && !(l->rx = receiver_new(p, &ops)))
		return ERR_FULL;
	if ((e = incoming_apply(l->rx, &t)))
		return e;
	link_track(l->rx, clock_now_us());
	if (is_new)
		sink_receiver_made(l->rx);
	return OK;
}

enum err source_open(struct router *r, const struct source_want *w)
{
	struct peer *p = find(r, w->id);
	enum err e = OK;
	if (ID_SLOT(w->id) >= r->conf.max_peers || w->n_tracks > SOURCE_TRACKS)
		return ERR_INVALID;
	if (!p && peer_get(r, ID_SLOT(w->id)))
		return ERR_EXISTS;
	if (!p && !(p = make(r, w)))
		return ERR_FULL;
	for (unsigned i = 0; i < w->n_tracks && !e; i++) {
		struct track t = w->tracks[i];
		t.mindex = (uint16_t)i;
		e = t.kind ? apply(p, t) : OK;
	}
	return e;
}

static void end(struct peer *p)
{
	for (unsigned i = 0; i < p->n_lines; i++) {
		link_end(p->lines[i].rx);
		incoming_end(p->lines[i].rx);
	}
	sink_peer_closed(p->r, p->slot);
	say(p, SOURCE_CLOSED, 0);
	p->r->peers[p->slot] = NULL;
	peer_discard(p);
}

void source_close(struct router *r, uint64_t id)
{
	struct peer *p = find(r, id);
	if (p)
		end(p);
}

void source_end_all(struct router *r)
{
	for (unsigned i = 0; i < r->conf.max_peers; i++)
		if (r->peers[i] && r->peers[i]->is_source)
			end(r->peers[i]);
}

/* ---- what it says ---- */

static struct receiver *line_of(const struct peer *p, unsigned mindex)
{
	return mindex < p->n_lines ? p->lines[mindex].rx : NULL;
}

static void take(struct peer *p, const struct source_packet *in, int64_t now_us)
{
	struct receiver *rx = line_of(p, in->mindex);
	struct pkt *k;
	if (!rx || in->len > PKT_CAP || !(k = pkt_take(p->r->conf.packets)))
		return;
	memcpy(k->data, source_rtp(in), in->len);
	k->len = in->len;
	k->at_us = now_us;
	if (!rtp_parse(k)) {
		k->again = in->again;
		k->ssrc = rx->layers[0].ssrc;
		incoming_rtp(rx, 0, false, k, now_us);
	}
	pkt_drop(k);
}

static void review(struct peer *p, int64_t now_us)
{
	if (now_us - p->source.review_us < REVIEW_US)
		return;
	p->source.review_us = now_us;
	for (unsigned i = 0; i < p->n_lines; i++)
		if (p->lines[i].rx)
			link_review_span(p->lines[i].rx, now_us);
}

void source_hear(struct router *r, const struct source_record *rec, size_t len, int64_t now_us)
{
	struct peer *p = len >= sizeof *rec ? find(r, rec->source) : NULL;
	struct receiver *rx;
	if (!p)
		return;
	switch ((enum source_type)rec->type) {
	case SOURCE_PACKETS:
		for (const struct source_packet *k = NULL; (k = source_next(rec, len, k));)
			take(p, k, now_us);
		review(p, now_us);
		break;
	case SOURCE_REPORT:
		if ((rx = line_of(p, rec->report.mindex)))
			link_report(rx, 0, rec->report.ntp, rec->report.ts, now_us);
		break;
	case SOURCE_PAUSED:
		p->source.is_paused = rec->paused.on;
		break;
	}
}
