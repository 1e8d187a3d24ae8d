/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptions as plugins make them (cardea/media.h): an answer out of an offer, or an offer line
 * by line. Between a plugin and negotiate.c, which has them printed. */
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include "bundle.h"
#include "codec.h"
#include "../rtp/ext.h"
#include "sdp_priv.h"

/* Callers were built against some version of the SDK: members it did not have yet stay 0. */
#define TAKE(to, from) memcpy(&(to), from, (from)->size < sizeof(to) ? (from)->size : sizeof(to))

void cardea_desc_free(struct cardea_desc *d)
{
	if (!d)
		return;
	for (unsigned i = 0; i < d->n_media; i++)
		g_free(d->media[i].codecs);
	g_free(d->media);
	sdp_lines_free(d->lines);
	g_free(d);
}

/* ---- answers ---- */

struct cardea_desc *cardea_answer_new(const struct cardea_desc *offer)
{
	struct cardea_desc *a = g_new0(struct cardea_desc, 1);
	a->type = CARDEA_ANSWER;
	a->update = offer->update;
	a->e2ee = offer->e2ee;
	a->mixed_ext = offer->mixed_ext;
	a->n_media = offer->n_media;
	a->media = g_new0(struct cardea_media, offer->n_media);
	for (unsigned i = 0; i < offer->n_media; i++) {
		const struct cardea_media *from = &offer->media[i];
		struct cardea_media *m = &a->media[i];
		m->kind = from->kind;
		m->rejected = true;
		m->has_mid = from->has_mid;
		memcpy(m->mid, from->mid, sizeof m->mid);
		memcpy(m->type, from->type, sizeof m->type);
		memcpy(m->proto, from->proto, sizeof m->proto);
		m->group = from->group;
		m->group_place = from->group_place;
		m->rtcp_mux = from->rtcp_mux;
		m->rtcp_rsize = from->rtcp_rsize;
		m->mixed_ext = from->mixed_ext;
		m->old_sctpmap = from->old_sctpmap;
	}
	return a;
}

/* There is one transport, that of what is accepted already. */
static bool fits_transport(const struct cardea_desc *answer, unsigned mindex)
{
	int tag = bundle_tag(answer);
	return tag < 0 || bundle_shares(answer, (unsigned)tag, mindex);
}

static bool has_data(const struct cardea_desc *d, unsigned but)
{
	for (unsigned i = 0; i < d->n_media; i++)
		if (i != but && d->media[i].kind == CARDEA_DATA && !d->media[i].rejected)
			return true;
	return false;
}

/* Parameters end up in an SDP line of ours: nothing that could begin another one. */
static void set_fmtp(struct cardea_codec *c, const char *fmtp)
{
	size_t len = 0;
	while (fmtp && fmtp[len] >= 0x20 && fmtp[len] <= 0x7e && len < sizeof c->fmtp - 1)
		len++;
	memmove(c->fmtp, fmtp ? fmtp : "", len);
	c->fmtp[len] = '\0';
}

static void accept_codec(
	struct cardea_media *m, const struct cardea_codec *offered, const struct cardea_accept *how)
{
	g_free(m->codecs);
	m->codecs = g_new0(struct cardea_codec, 1);
	m->n_codecs = 1;
	*m->codecs = *offered;
	m->codecs->feedback &= how->feedback;
	if (how->no_rtx)
		m->codecs->rtx_pt = 0;
	if (!how->red)
		m->codecs->red_pt = 0;
	if (how->fmtp)
		set_fmtp(m->codecs, how->fmtp);
}

/* What the peer may send us in layers. */
static void accept_layers(struct cardea_media *m, const struct cardea_media *offered)
{
	bool by_rid = offered->rids[0][0] != '\0';
	m->n_layers = 0;
	if (!(m->dir & CARDEA_RECV) || (by_rid && !ext_comes(m, CARDEA_EXT_RID)))
		return;
	m->n_layers = offered->n_layers;
	m->rids_high_first = offered->rids_high_first;
	m->rids_paused = offered->rids_paused;
	m->rids_old_form = offered->rids_old_form;
	m->rids_alone = offered->rids_alone;
	memcpy(m->rids, offered->rids, sizeof m->rids);
}

/* Within a bundle an id means the same extension in every m-line (RFC 9143, section 15): some
 * clients offer one with two meanings, and read it with the wrong one. The first to be accepted
 * keeps it. But by these three packets find their m-line, so that each has its own. */
static bool ext_taken(const struct cardea_desc *answer, unsigned x, uint8_t id)
{
	if (x == CARDEA_EXT_MID || x == CARDEA_EXT_RID || x == CARDEA_EXT_RRID)
		return false;
	for (unsigned i = 0; i < answer->n_media; i++)
		for (unsigned other = 0; other < CARDEA_N_EXT; other++)
			if (other != x && answer->media[i].ext[other] == id)
				return true;
	return false;
}

void cardea_accept(struct cardea_desc *answer, const struct cardea_desc *offer, unsigned mindex,
	const struct cardea_accept *accept)
{
	struct cardea_accept how = { 0 };
	TAKE(how, accept);
	if (mindex >= offer->n_media || mindex >= answer->n_media)
		return;
	const struct cardea_media *from = &offer->media[mindex];
	struct cardea_media *m = &answer->media[mindex];
	if (from->rejected || from->kind == CARDEA_OTHER || !fits_transport(answer, mindex))
		return;
	if (from->kind == CARDEA_DATA) {
		if (has_data(answer, mindex)) /* one association carries all channels */
			return;
		m->rejected = false;
		m->dir = how.dir & from->dir;
		return;
	}
	if (how.codec < 0 || (unsigned)how.codec >= from->n_codecs)
		return;
	m->rejected = false;
	m->dir = how.dir & from->dir;
	m->bandwidth_bps = how.bandwidth_bps;
	how.red = how.red && !offer->e2ee;
	accept_codec(m, &from->codecs[how.codec], &how);
	memset(m->ext, 0, sizeof m->ext);
	for (unsigned x = 0; x < CARDEA_N_EXT; x++)
		if (how.exts & 1u << x && from->ext[x] && !ext_taken(answer, x, from->ext[x]))
			m->ext[x] = from->ext[x];
	m->ext_recv_only = from->ext_recv_only;
	m->ext_send_only = from->ext_send_only;
	accept_layers(m, from);
}

/* ---- offers ---- */

struct cardea_desc *cardea_offer_new(void)
{
	struct cardea_desc *d = g_new0(struct cardea_desc, 1);
	d->type = CARDEA_OFFER;
	return d;
}

static void offer_codec(
	const struct cardea_desc *d, struct cardea_media *m, const struct cardea_offered *line)
{
	const struct codec_info *info = codec_info(line->codec);
	struct cardea_codec *c = g_new0(struct cardea_codec, 1);
	c->id = line->codec;
	snprintf(c->name, sizeof c->name, "%s", info->name);
	c->clock_hz = info->clock_hz;
	c->channels = info->channels;
	c->feedback = line->feedback;
	c->red_pt = line->red ? info->red_pt : 0;
	set_fmtp(c, line->fmtp);
	codec_number(d, c);
	m->codecs = c;
	m->n_codecs = 1;
}

int cardea_offer_add(struct cardea_desc *d, const struct cardea_offered *offered)
{
	struct cardea_offered line = { 0 };
	struct cardea_media m = { 0 };
	TAKE(line, offered);
	if (d->n_media == CARDEA_MEDIA_MAX)
		return -1;
	m.kind = line.kind;
	m.dir = line.dir & CARDEA_SENDRECV;
	m.has_mid = true;
	m.rtcp_mux = m.kind == CARDEA_AUDIO || m.kind == CARDEA_VIDEO;
	m.group = 1; /* all in one bundle */
	m.group_place = (uint16_t)d->n_media;
	/* It keeps the place of an m-line of the peer's that was rejected. */
	if (m.kind == CARDEA_OTHER) {
		strcpy(m.type, "text");
		strcpy(m.proto, "RTP/AVP");
	}
	if (!line.mid || !sdp_token(m.mid, sizeof m.mid, line.mid))
		snprintf(m.mid, sizeof m.mid, "%u", d->n_media);
	if (line.stream)
		sdp_token(m.stream, sizeof m.stream, line.stream);
	if (line.track)
		sdp_token(m.track, sizeof m.track, line.track);
	if (codec_info(line.codec) && codec_info(line.codec)->kind == line.kind)
		offer_codec(d, &m, &line);
	/* An m-line without a codec keeps its place, but nothing can run on it. */
	m.rejected = line.kind != CARDEA_DATA && !m.n_codecs;
	if (m.rejected)
		m.dir = CARDEA_INACTIVE;
	for (unsigned x = 0; x < CARDEA_N_EXT; x++)
		if (line.exts & 1u << x && ext_suits(x, line.kind))
			m.ext[x] = ext_offer_id(x);
	/* It alone may be too long for the one-byte form; and old clients (Chromium before 71)
	 * throw at the attribute. */
	d->mixed_ext = d->mixed_ext || m.ext[CARDEA_EXT_DEPENDENCY];
	d->media = g_renew(struct cardea_media, d->media, d->n_media + 1);
	d->media[d->n_media] = m;
	return (int)d->n_media++;
}
