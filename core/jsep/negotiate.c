/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "../base/rand.h"
#include "../router/track.h"
#include "bundle.h"
#include "negotiate.h"

#define WHY 160 /* bytes of a reason */

void negotiation_clear(struct negotiation *n)
{
	cardea_desc_free(n->pending);
	g_free(n->tracks);
	memset(n, 0, sizeof *n);
}

bool negotiate_is_restart(const struct sdp_transport *before, const struct sdp_transport *now)
{
	return before->ufrag[0] && now->ufrag[0] &&
	       (strcmp(before->ufrag, now->ufrag) != 0 || strcmp(before->pwd, now->pwd) != 0);
}

/* ---- does it fit? ---- */

static enum err check_lines(const struct negotiation *n, const struct cardea_desc *offer,
	const struct cardea_desc *answer, char *why)
{
	if (offer->n_media < n->n_agreed) {
		snprintf(why, WHY, "m-lines may not go away (there were %u, now %u)", n->n_agreed,
			offer->n_media);
		return ERR_INVALID;
	}
	if (answer && answer->n_media != offer->n_media) {
		snprintf(why, WHY, "The answer has %u m-lines, the offer %u", answer->n_media,
			offer->n_media);
		return ERR_INVALID;
	}
	for (unsigned i = 0; answer && i < offer->n_media; i++)
		if (answer->media[i].kind != offer->media[i].kind) {
			snprintf(why, WHY,
				"The answer has another kind of m-line %u than the offer", i);
			return ERR_INVALID;
		}
	return OK;
}

/* ---- the transport ---- */

/* Is the m-line whose transport is used still there? */
static bool keeps_tag(const struct negotiation *n, const struct cardea_desc *d)
{
	return n->n_agreed && n->tag >= 0 && (unsigned)n->tag < d->n_media &&
	       !d->media[n->tag].rejected &&
	       strcmp(d->media[n->tag].mid, n->tracks[n->tag].mid) == 0;
}

void negotiate_hear(const struct negotiation *n, struct cardea_desc *theirs)
{
	const struct cardea_desc *ours = theirs->type == CARDEA_ANSWER ? n->pending : NULL;
	int tag = -1;
	/* Of an answer only what we offered counts. */
	for (unsigned i = 0; ours && i < theirs->n_media && i < ours->n_media; i++)
		theirs->media[i].rejected = theirs->media[i].rejected || ours->media[i].rejected;
	if (keeps_tag(n, theirs))
		tag = n->tag;
	else if (ours)
		tag = bundle_tag(theirs);
	if (tag >= 0)
		bundle_keep(theirs, (unsigned)tag);
}

/* What an exchange has come to. */
static void settled(struct negotiation *n, const struct cardea_desc *answer)
{
	n->n_agreed = answer->n_media;
	n->tag = bundle_tag(answer);
	n->bundles = n->tag < 0 || answer->media[n->tag].group;
	n->data = -1;
	for (unsigned i = 0; i < answer->n_media && n->data < 0; i++)
		if (answer->media[i].kind == CARDEA_DATA && !answer->media[i].rejected)
			n->data = (int)i;
}

/* To a peer that does not bundle the m-line that it has accepted comes first in the group. */
static void lead_with_tag(const struct negotiation *n, struct cardea_desc *offer)
{
	if (n->bundles || !keeps_tag(n, offer))
		return;
	for (unsigned i = 0; i < offer->n_media; i++)
		offer->media[i].group_place = i == (unsigned)n->tag ? 0 : (uint16_t)(i + 1);
}

/* ---- SSRCs ---- */

static bool ssrc_taken(const struct negotiation *n, uint32_t ssrc)
{
	for (unsigned i = 0; i < n->n_tracks; i++) {
		const struct track *t = &n->tracks[i];
		if (ssrc == t->out_ssrc || ssrc == t->out_rtx_ssrc)
			return true;
		for (unsigned k = 0; k < CARDEA_LAYERS; k++)
			if (ssrc == t->ssrc[k] || ssrc == t->rtx_ssrc[k])
				return true;
	}
	return false;
}

/* Keys outlive tracks: under an SSRC that comes twice two streams would be sealed with the same
 * indices. A walk from anywhere in odd steps comes to each number once. 1 is ours in RTCP
 * while we send nothing. */
static uint32_t new_ssrc(struct negotiation *n)
{
	if (!n->ssrc_step) {
		n->ssrc = rand_u32();
		n->ssrc_step = rand_u32() | 1;
	}
	do
		n->ssrc += n->ssrc_step;
	while (n->ssrc <= 1 || ssrc_taken(n, n->ssrc));
	return n->ssrc;
}

/* A track that sends gets SSRCs once, and has them for as long as it sends. */
static void give_ssrcs(struct negotiation *n, struct track *t, const struct cardea_media *m)
{
	if (m->kind == CARDEA_DATA || m->rejected || !(m->dir & CARDEA_SEND) || !m->n_codecs)
		return;
	if (!t->out_ssrc)
		t->out_ssrc = new_ssrc(n);
	if (m->codecs[0].rtx_pt && !t->out_rtx_ssrc)
		t->out_rtx_ssrc = new_ssrc(n);
}

/* ---- tracks ---- */

/* One track per m-line. Fewer than before: the rest were of an offer that was never answered. */
static void resize(struct negotiation *n, unsigned n_media)
{
	if (n_media <= n->n_tracks) {
		n->n_tracks = n_media;
		return;
	}
	n->tracks = g_renew(struct track, n->tracks, n_media);
	memset(n->tracks + n->n_tracks, 0, (n_media - n->n_tracks) * sizeof *n->tracks);
	while (n->n_tracks < n_media) {
		n->tracks[n->n_tracks].mindex = (uint16_t)n->n_tracks;
		n->n_tracks++;
	}
}

/* Begin a track anew, but for what lasts. An m-line that is used again for something else (RFC
 * 8829, section 5.2.2) has a new mid or kind: its SSRCs would carry on another stream's numbers.
 * Nor do they outlast a time of not sending: Chromium shows nothing of a stream that it has let go
 * of and that comes back with its old SSRC. */
static void reset(struct track *t, const struct cardea_media *m)
{
	struct track fresh;
	bool same = t->kind == m->kind && strcmp(t->mid, m->mid) == 0 && m->dir & CARDEA_SEND;
	memset(&fresh, 0, sizeof fresh); /* padding too: tracks are compared as bytes */
	fresh.mindex = t->mindex;
	fresh.kind = (uint8_t)m->kind;
	memcpy(fresh.mid, m->mid, sizeof fresh.mid);
	fresh.out_ssrc = same ? t->out_ssrc : 0;
	fresh.out_rtx_ssrc = same ? t->out_rtx_ssrc : 0;
	*t = fresh;
}

static void set_codec(struct track *t, const struct cardea_codec *c)
{
	t->codec = (uint8_t)c->id;
	t->pt = c->pt;
	t->rtx_pt = c->rtx_pt;
	t->red_pt = c->red_pt;
	t->clock_hz = c->clock_hz;
	t->channels = c->channels;
	t->feedback = c->feedback;
}

/* The streams that the peer announces. */
static void set_incoming(struct track *t, const struct cardea_media *peer)
{
	if (!(t->dir & CARDEA_RECV))
		return;
	memcpy(t->ssrc, peer->ssrc, sizeof t->ssrc);
	memcpy(t->rtx_ssrc, peer->rtx_ssrc, sizeof t->rtx_ssrc);
	t->svc = peer->svc;
	if (peer->rids[0][0] &&
		(!t->ext[CARDEA_EXT_RID] || t->ext_send_only & 1u << CARDEA_EXT_RID))
		return; /* without the extension there is no telling the layers apart */
	t->n_layers = (uint8_t)peer->n_layers;
	memcpy(t->rids, peer->rids, sizeof t->rids);
}

/* ---- our answer ---- */

static enum err check_answer(
	const struct cardea_desc *offer, const struct cardea_desc *answer, char *why)
{
	for (unsigned i = 0; i < answer->n_media; i++) {
		const struct cardea_media *m = &answer->media[i], *o = &offer->media[i];
		if (m->rejected || m->kind == CARDEA_DATA)
			continue;
		bool found = false;
		for (unsigned k = 0; m->n_codecs && k < o->n_codecs; k++)
			found = found || o->codecs[k].pt == m->codecs[0].pt;
		if (o->rejected || m->kind == CARDEA_OTHER || !found) {
			snprintf(why, WHY,
				"The answer accepts m-line %u with something that was not offered",
				i);
			return ERR_INVALID;
		}
	}
	return OK;
}

enum err negotiate_answer(struct negotiation *n, const struct cardea_desc *offer,
	const struct cardea_desc *answer, char *why)
{
	enum err e;
	if ((e = check_lines(n, offer, answer, why)) || (e = check_answer(offer, answer, why)))
		return e;
	/* Both sides have offered: theirs came last and stands. */
	cardea_desc_free(n->pending);
	n->pending = NULL;
	resize(n, answer->n_media);
	for (unsigned i = 0; i < answer->n_media; i++) {
		const struct cardea_media *m = &answer->media[i];
		struct track *t = &n->tracks[i];
		reset(t, m);
		if (m->rejected)
			continue;
		t->dir = (uint8_t)(m->dir & offer->media[i].dir);
		if (m->n_codecs)
			set_codec(t, &m->codecs[0]);
		t->rtcp_rsize = m->rtcp_rsize;
		memcpy(t->ext, m->ext, sizeof t->ext);
		t->ext_recv_only = m->ext_recv_only;
		t->ext_send_only = m->ext_send_only;
		t->ext[CARDEA_EXT_MID] = m->has_mid ? m->ext[CARDEA_EXT_MID] : 0;
		set_incoming(t, &offer->media[i]);
	}
	for (unsigned i = 0; i < answer->n_media; i++) /* when all SSRCs of the peer are known */
		give_ssrcs(n, &n->tracks[i], &answer->media[i]);
	settled(n, answer);
	return OK;
}

/* ---- our offer ---- */

enum err negotiate_offer(struct negotiation *n, struct cardea_desc *offer, char *why)
{
	enum err e = check_lines(n, offer, NULL, why);
	if (!e && !offer->n_media) {
		snprintf(why, WHY, "An offer needs an m-line");
		e = ERR_INVALID;
	}
	if (e) {
		cardea_desc_free(offer);
		return e;
	}
	lead_with_tag(n, offer);
	resize(n, offer->n_media);
	for (unsigned i = 0; i < offer->n_media; i++) {
		struct track *t = &n->tracks[i];
		/* What runs now runs on until the answer, except when the m-line is to be another
		 * one altogether. */
		if (t->kind != offer->media[i].kind || strcmp(t->mid, offer->media[i].mid) != 0)
			reset(t, &offer->media[i]);
		give_ssrcs(n, t, &offer->media[i]);
	}
	cardea_desc_free(n->pending);
	n->pending = offer;
	if (!n->origin_id[0])
		snprintf(n->origin_id, sizeof n->origin_id, "%" PRIu64, rand_id53());
	n->version++;
	return OK;
}

/* ---- their answer ---- */

/* Which of the answer's codecs is the one that we offered; the numbers may differ (RFC 3264,
 * section 6.1). */
static const struct cardea_codec *answered(
	const struct cardea_media *answer, const struct cardea_codec *offered)
{
	for (unsigned i = 0; i < answer->n_codecs; i++)
		if (answer->codecs[i].id == offered->id)
			return &answer->codecs[i];
	return NULL;
}

static void accept_line(
	struct track *t, const struct cardea_media *ours, const struct cardea_media *theirs)
{
	const struct cardea_codec *c = NULL;
	if (ours->rejected || theirs->rejected)
		return;
	if (ours->kind != CARDEA_DATA && !(c = answered(theirs, &ours->codecs[0])))
		return; /* nothing in common: as good as rejected */
	t->dir = (uint8_t)(ours->dir & theirs->dir);
	for (unsigned x = 0; x < CARDEA_N_EXT; x++)
		t->ext[x] = theirs->ext[x] ? ours->ext[x] : 0;
	t->ext_recv_only = theirs->ext_recv_only;
	t->ext_send_only = theirs->ext_send_only;
	if (c) {
		set_codec(t, &ours->codecs[0]);
		/* The peer's numbers for what goes to it, ours for what comes from it. */
		if (ours->dir & CARDEA_SEND)
			t->pt = c->pt;
		const struct cardea_codec *whose = ours->dir & CARDEA_SEND ? c : ours->codecs;
		t->rtx_pt = c->rtx_pt && ours->codecs[0].rtx_pt ? whose->rtx_pt : 0;
		t->red_pt = c->red_pt && ours->codecs[0].red_pt ? whose->red_pt : 0;
		t->feedback &= c->feedback;
	}
	set_incoming(t, theirs);
}

enum err negotiate_accept(struct negotiation *n, const struct cardea_desc *answer, char *why)
{
	const struct cardea_desc *offer = n->pending;
	enum err e;
	if (!offer) {
		snprintf(why, WHY, "Unexpected ANSWER (did we offer?)");
		return ERR_STATE;
	}
	if ((e = check_lines(n, offer, answer, why)))
		return e;
	for (unsigned i = 0; i < offer->n_media; i++) {
		reset(&n->tracks[i], &offer->media[i]);
		accept_line(&n->tracks[i], &offer->media[i], &answer->media[i]);
	}
	settled(n, answer);
	cardea_desc_free(n->pending);
	n->pending = NULL;
	return OK;
}

bool negotiate_has_data(const struct negotiation *n)
{
	for (unsigned i = 0; i < n->n_tracks; i++)
		if (n->tracks[i].kind == CARDEA_DATA && n->tracks[i].dir)
			return true;
	return false;
}

int negotiate_data_line(const struct negotiation *n)
{
	return n->n_agreed ? n->data : -1;
}
