/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include "peer.h"

/* Which track a packet belongs to (RFC 8843, section 9.2, and RFC 8852): by SSRC once that is
 * known, whether learned or announced in the description; else by mid and rid; else by payload
 * type, for a track that nobody else has claimed. */

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
			other->layers[e->layer].ssrc = 0;
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

static bool ext_is(const struct peer *p, const struct pkt *k, enum cardea_ext ext, const char *text)
{
	uint8_t id = p->ext[ext];
	size_t n = strlen(text);
	return id && n && k->ext_off[id] && k->ext_len[id] == n &&
	       !memcmp(k->data + k->ext_off[id], text, n);
}

static bool has_ext(const struct peer *p, const struct pkt *k, enum cardea_ext ext)
{
	return p->ext[ext] && k->ext_off[p->ext[ext]];
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
		if (ext_is(rx->peer, k, CARDEA_EXT_RID, rx->t.rids[i]))
			return (int)i;
		if (ext_is(rx->peer, k, CARDEA_EXT_RRID, rx->t.rids[i])) {
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
		if (rx && receiver_open(rx) && ext_is(p, k, CARDEA_EXT_MID, rx->t.mid))
			return rx;
	}
	return NULL;
}

static struct receiver *by_pt(struct peer *p, const struct pkt *k)
{
	for (unsigned i = 0; i < p->n_lines; i++) {
		struct receiver *rx = p->lines[i].rx;
		bool repairs;
		if (!rx || !receiver_open(rx) || rx->n_layers != 1 || !takes_pt(rx, k->pt))
			continue;
		repairs = rx->t.rtx_pt && k->pt == rx->t.rtx_pt;
		/* A track that has its source keeps it while that lives. */
		if (repairs ? rx->layers[0].rtx_ssrc
			    : rx->layers[0].ssrc && rx->layers[0].last_at_us + US_PER_S > k->at_us)
			continue;
		return rx;
	}
	return NULL;
}

struct receiver *demux(struct peer *p, const struct pkt *k, unsigned *layer, bool *is_rtx)
{
	const struct ssrc_entry *e = demux_find(p, k->ssrc);
	struct receiver *rx;
	int found;
	if (e) {
		rx = p->lines[e->mindex].rx;
		*layer = e->layer;
		*is_rtx = e->is_rtx;
		return rx;
	}
	if (!k->ssrc)
		return NULL;
	rx = has_ext(p, k, CARDEA_EXT_MID) ? by_mid(p, k) : by_pt(p, k);
	if (!rx || !takes_pt(rx, k->pt) || (found = find_layer(rx, k, is_rtx)) < 0)
		return NULL;
	*layer = (unsigned)found;
	demux_bind(rx, *layer, k->ssrc, *is_rtx);
	return rx;
}
