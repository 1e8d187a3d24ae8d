/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include "../rtp/rtp.h"
#include "peer.h"

/* Which track a packet belongs to (RFC 9143, section 9.2, and RFC 8852): by SSRC once that is
 * known, whether learned or announced in the description, unless its newest packet has the mid of
 * another; else by mid and rid; else by payload type, for a track that nobody else has claimed.
 * Where in a packet its mid stands is a matter of each m-line: whether it is one's own is asked by
 * one's own extension ids. */
#define MOVES   64             /* of a peer's SSRCs to other m-lines, at once … */
#define MOVE_US (US_PER_S / 4) /* … and one more each such time */

/* ---- the table of known SSRCs: open addressing with linear probing ---- */

static unsigned home(const struct peer *p, uint32_t ssrc)
{
	return (unsigned)(ssrc * 2654435769u >> 8) & (p->ssrcs_size - 1);
}

const struct ssrc_entry *demux_find(const struct peer *p, uint32_t ssrc)
{
	if (!p->ssrcs_size || !ssrc)
		return NULL;
	for (unsigned i = home(p, ssrc); p->ssrcs[i].ssrc; i = (i + 1) & (p->ssrcs_size - 1))
		if (p->ssrcs[i].ssrc == ssrc)
			return &p->ssrcs[i];
	return NULL;
}

static void insert(struct peer *p, const struct ssrc_entry *e)
{
	unsigned i = home(p, e->ssrc);
	while (p->ssrcs[i].ssrc)
		i = (i + 1) & (p->ssrcs_size - 1);
	p->ssrcs[i] = *e;
	p->n_ssrcs++;
}

static bool make_room(struct peer *p)
{
	struct ssrc_entry *old = p->ssrcs, *fresh;
	unsigned size = p->ssrcs_size;
	if (size > 2 * (p->n_ssrcs + 1))
		return true;
	if (!(fresh = calloc(size ? 2 * size : 8, sizeof *fresh)))
		return false;
	p->ssrcs = fresh;
	p->ssrcs_size = size ? 2 * size : 8;
	p->n_ssrcs = 0;
	for (unsigned i = 0; i < size; i++)
		if (old[i].ssrc)
			insert(p, &old[i]);
	free(old);
	return true;
}

static void forget(struct peer *p, uint32_t ssrc)
{
	const struct ssrc_entry *e = demux_find(p, ssrc);
	unsigned hole, i, mask = p->ssrcs_size - 1;
	if (!e)
		return;
	hole = (unsigned)(e - p->ssrcs);
	p->ssrcs[hole].ssrc = 0;
	p->n_ssrcs--;
	/* close the ranks: whoever was pushed past the hole moves up */
	for (i = (hole + 1) & mask; p->ssrcs[i].ssrc; i = (i + 1) & mask) {
		if (((i - home(p, p->ssrcs[i].ssrc)) & mask) < ((i - hole) & mask))
			continue;
		p->ssrcs[hole] = p->ssrcs[i];
		p->ssrcs[i].ssrc = 0;
		hole = i;
	}
}

static void lose_ssrc(struct layer *l)
{
	l->ssrc = 0;
	if (l->nack)
		nack_restart(l->nack); /* there is nobody to ask */
}

void demux_bind(struct receiver *rx, unsigned layer, uint32_t ssrc, bool is_rtx)
{
	struct peer *p = rx->peer;
	uint32_t *mine = is_rtx ? &rx->layers[layer].rtx_ssrc : &rx->layers[layer].ssrc;
	const struct ssrc_entry *e = demux_find(p, ssrc);
	struct ssrc_entry fresh = { ssrc, rx->t.mindex, (uint8_t)layer, is_rtx };
	if (*mine == ssrc)
		return;
	if (e) { /* claimed from another track: the last word counts */
		struct receiver *other = p->lines[e->mindex].rx;
		if (e->is_rtx)
			other->layers[e->layer].rtx_ssrc = 0;
		else
			lose_ssrc(&other->layers[e->layer]);
		forget(p, ssrc);
	}
	forget(p, *mine);
	*mine = 0;
	if (!make_room(p))
		return;
	insert(p, &fresh);
	*mine = ssrc;
	if (!is_rtx)
		receiver_restart(rx, layer);
}

void demux_unbind(struct receiver *rx, unsigned layer)
{
	struct layer *l = &rx->layers[layer];
	forget(rx->peer, l->ssrc);
	forget(rx->peer, l->rtx_ssrc);
	l->ssrc = l->rtx_ssrc = 0;
}

/* ---- unknown SSRCs ---- */

static bool ext_is(
	const struct receiver *rx, const struct pkt *k, enum cardea_ext ext, const char *text)
{
	size_t n = strlen(text), len;
	const uint8_t *at = track_ext(&rx->t, k, ext, &len);
	return at && n && len == n && !memcmp(at, text, n);
}

static bool takes_pt(const struct receiver *rx, uint8_t pt)
{
	return pt == rx->t.pt || (rx->t.rtx_pt && pt == rx->t.rtx_pt) ||
	       (rx->t.red_pt && pt == rx->t.red_pt);
}

/* The layer of a track that is known by its mid; -1: cannot be told. */
static int find_layer(const struct receiver *rx, const struct pkt *k, bool *is_rtx)
{
	*is_rtx = rx->t.rtx_pt && k->pt == rx->t.rtx_pt;
	if (rx->t.n_layers <= 1 && !rx->t.rids[0][0])
		return 0;
	for (unsigned i = 0; i < rx->n_layers; i++) {
		if (ext_is(rx, k, CARDEA_EXT_RID, rx->t.rids[i]))
			return (int)i;
		if (ext_is(rx, k, CARDEA_EXT_RRID, rx->t.rids[i])) {
			*is_rtx = true;
			return (int)i;
		}
	}
	return -1;
}

static struct receiver *by_mid(struct peer *p, const struct pkt *k)
{
	for (unsigned i = 0; i < p->n_lines; i++) {
		struct receiver *rx = p->lines[i].rx;
		if (rx && receiver_open(rx) && takes_pt(rx, k->pt) &&
			ext_is(rx, k, CARDEA_EXT_MID, rx->t.mid))
			return rx;
	}
	return NULL;
}

static struct receiver *by_pt(struct peer *p, const struct pkt *k)
{
	for (unsigned i = 0; i < p->n_lines; i++) {
		struct receiver *rx = p->lines[i].rx;
		bool repairs;
		size_t len;
		if (!rx || !receiver_open(rx) || rx->n_layers != 1 || !takes_pt(rx, k->pt))
			continue;
		if (track_ext(&rx->t, k, CARDEA_EXT_MID, &len))
			continue; /* it names another */
		repairs = rx->t.rtx_pt && k->pt == rx->t.rtx_pt;
		/* A track that has its source keeps it while that lives. */
		if (repairs ? rx->layers[0].rtx_ssrc
			    : rx->layers[0].ssrc && rx->layers[0].last_at_us + US_PER_S > k->at_us)
			continue;
		return rx;
	}
	return NULL;
}

const struct track *demux_guess(const struct peer *p, const struct pkt *k)
{
	for (unsigned i = 0; i < p->n_lines; i++) {
		const struct receiver *rx = p->lines[i].rx;
		if (rx && receiver_open(rx) && takes_pt(rx, k->pt))
			return &rx->t;
	}
	return NULL;
}

/* ---- known SSRCs ---- */

/* Does it carry a mid that is not its m-line's? Most have none, or the right one of a character or
 * two. */
static bool names_another(const struct receiver *rx, const struct pkt *k)
{
	const char *mid = rx->t.mid;
	size_t len, i = 0;
	const uint8_t *at = track_ext(&rx->t, k, CARDEA_EXT_MID, &len);
	if (!at)
		return false;
	while (i < len && mid[i] && at[i] == (uint8_t)mid[i])
		i++;
	return i < len || mid[i];
}

/* A late packet says where its SSRC was. */
static bool is_news(const struct receiver *rx, const struct ssrc_entry *e, const struct pkt *k)
{
	const struct reception *seen = &rx->layers[e->layer].rx;
	return e->is_rtx || !seen->started || seq_after(k->seq, seen->max_seq);
}

/* What repairs a stream that has moved goes with it. */
static void take_along(struct receiver *from, struct receiver *to, unsigned layer, uint32_t *rtx)
{
	if (to->t.rtx_pt && *rtx) {
		demux_bind(to, layer, *rtx, true);
	} else {
		forget(from->peer, *rtx);
		*rtx = 0;
	}
}

/* To the m-line whose mid it has, if there is such a one of its kind. */
static void move(struct peer *p, const struct ssrc_entry e, const struct pkt *k)
{
	struct receiver *from = p->lines[e.mindex].rx, *to;
	bool is_rtx;
	int layer;
	if (!is_news(from, &e, k) || !(to = by_mid(p, k)) || to->t.kind != from->t.kind ||
		(layer = find_layer(to, k, &is_rtx)) < 0 ||
		!budget_take(&p->moves, MOVES, MOVE_US, k->at_us))
		return;
	demux_bind(to, (unsigned)layer, k->ssrc, is_rtx);
	take_along(from, to, (unsigned)layer, &from->layers[e.layer].rtx_ssrc);
}

/* An unknown SSRC, or a known one that may have moved. It stands apart, since what it needs would
 * cost each packet. */
__attribute__((noinline)) static struct receiver *search(
	struct peer *p, const struct pkt *k, unsigned *layer, bool *is_rtx)
{
	const struct ssrc_entry *e = demux_find(p, k->ssrc);
	struct receiver *rx;
	int found;
	if (e) {
		move(p, *e, k);
		e = demux_find(p, k->ssrc);
	}
	if (e) {
		*layer = e->layer;
		*is_rtx = e->is_rtx;
		return p->lines[e->mindex].rx;
	}
	if (!k->ssrc || (!(rx = by_mid(p, k)) && !(rx = by_pt(p, k))) ||
		(found = find_layer(rx, k, is_rtx)) < 0)
		return NULL;
	*layer = (unsigned)found;
	demux_bind(rx, *layer, k->ssrc, *is_rtx);
	return rx;
}

struct receiver *demux(struct peer *p, const struct pkt *k, unsigned *layer, bool *is_rtx)
{
	const struct ssrc_entry *e = demux_find(p, k->ssrc);
	struct receiver *rx = e ? p->lines[e->mindex].rx : NULL;
	if (!rx || names_another(rx, k) || !receiver_open(rx))
		return search(p, k, layer, is_rtx);
	*layer = e->layer;
	*is_rtx = e->is_rtx;
	return rx;
}
