/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "../../rtp/rtp.h"
#include "demux.h"

/* Which track a packet belongs to (RFC 9143, section 9.2, and RFC 8852): by SSRC once that is
 * known, whether learned or announced in the description, unless its newest packet has the mid of
 * another; else by mid and rid; else by payload type, for a track that nobody else has claimed.
 * Where in a packet its mid stands is a matter of each m-line: whether it is one's own is asked by
 * one's own extension ids. */
#define MOVES   64             /* of a peer's SSRCs to other m-lines, at once … */
#define MOVE_US (US_PER_S / 4) /* … and one more each such time */

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

/* A late packet shows where its SSRC was. */
static bool is_news(const struct receiver *rx, const struct ssrc_entry *e, const struct pkt *k)
{
	const struct reception *seen = &rx->layers[e->layer].rx;
	return e->is_rtx || !seen->started || seq_after(k->seq, seen->max_seq);
}

/* What repairs a stream that has moved goes with it. */
static void take_along(struct receiver *from, struct receiver *to, unsigned layer, uint32_t *rtx)
{
	if (to->t.rtx_pt && *rtx) {
		receiver_bind(to, layer, *rtx, true);
	} else {
		peer_ssrc_forget(from->peer, *rtx);
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
	receiver_bind(to, (unsigned)layer, k->ssrc, is_rtx);
	take_along(from, to, (unsigned)layer, &from->layers[e.layer].rtx_ssrc);
}

/* An unknown SSRC, or a known one that may have moved. It stands apart, since what it needs would
 * cost each packet. */
__attribute__((noinline)) static struct receiver *search(
	struct peer *p, const struct pkt *k, unsigned *layer, bool *is_rtx)
{
	const struct ssrc_entry *e = peer_ssrc_find(p, k->ssrc);
	struct receiver *rx;
	int found;
	if (e) {
		move(p, *e, k);
		e = peer_ssrc_find(p, k->ssrc);
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
	receiver_bind(rx, *layer, k->ssrc, *is_rtx);
	return rx;
}

struct receiver *demux(struct peer *p, const struct pkt *k, unsigned *layer, bool *is_rtx)
{
	const struct ssrc_entry *e = peer_ssrc_find(p, k->ssrc);
	struct receiver *rx = e ? p->lines[e->mindex].rx : NULL;
	if (!rx || names_another(rx, k) || !receiver_open(rx))
		return search(p, k, layer, is_rtx);
	*layer = e->layer;
	*is_rtx = e->is_rtx;
	return rx;
}
