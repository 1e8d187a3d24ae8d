/* SPDX-License-Identifier: Apache-2.0 */

/** @file
 * The m-lines of a PeerConnection, as a part of handle_info: handleinfo.c calls it. */

#include <stdio.h>
#include <string.h>
#include "../jsep/sdp.h"
#include "explain.h"
#include "handleinfo_part.h"

/* An m-line from all sides. */
struct line {
	const struct track *t;
	const struct track_stats *s;              /* NULL: the worker was not asked or is silent */
	const struct cardea_media *ours, *theirs; /* as last described; NULL: not */
	const struct data_stats *data;            /* of the PeerConnection */
};

static json_t *msid(const struct line *l)
{
	json_t *o = json_object();
	if (l->ours) {
		set_text(o, "local-stream", l->ours->stream);
		set_text(o, "local-track", l->ours->track);
	}
	if (l->theirs) {
		set_text(o, "remote-stream", l->theirs->stream);
		set_text(o, "remote-track", l->theirs->track);
	}
	return o;
}

static json_t *ssrcs(const struct track *t, const struct track_stats *s)
{
	static const char *const peer[] = { "ssrc-peer", "ssrc-peer-sim-1", "ssrc-peer-sim-2" };
	static const char *const peer_rtx[] = { "ssrc-peer-rtx", "ssrc-peer-sim-1-rtx",
		"ssrc-peer-sim-2-rtx" };
	json_t *o = json_object();
	set_if(o, "ssrc", t->out_ssrc);
	set_if(o, "ssrc-rtx", t->out_rtx_ssrc);
	for (unsigned i = 0; i < CARDEA_LAYERS; i++)
		set_if(o, peer[i], s && s->ssrc_in[i] ? s->ssrc_in[i] : t->ssrc[i]);
	for (unsigned i = 0; i < CARDEA_LAYERS; i++)
		set_if(o, peer_rtx[i], s && s->rtx_ssrc_in[i] ? s->rtx_ssrc_in[i] : t->rtx_ssrc[i]);
	return o;
}

static json_t *rid_simulcast(const struct line *l)
{
	const struct track *t = l->t;
	json_t *o, *rids = json_array();
	for (unsigned i = t->n_layers; i-- > 0;)
		json_array_append_new(rids, json_string(t->rids[i]));
	o = json_pack("{s:o, s:i, s:i}", "rid", rids, "rid-ext-id", t->ext[CARDEA_EXT_RID],
		"ridrtx-ext-id", t->ext[CARDEA_EXT_RRID]);
	if (!l->theirs)
		return o;
	/* The description is read again as highest first: does that give the layers agreed on? */
	set_text(o, "rid-order", strcmp(l->theirs->rids[0], t->rids[0]) == 0 ? "hml" : "lmh");
	set_text(o, "rid-syntax", l->theirs->rids_old_form ? "legacy" : NULL);
	return o;
}

static json_t *codecs(const struct track *t)
{
	json_t *o = json_object();
	set(o, "pt", t->pt);
	set_if(o, "opus-red-pt", t->red_pt);
	set_if(o, "rtx-pt", t->rtx_pt);
	set_text(o, "codec", cardea_codec_name(t->codec));
	return o;
}

static json_t *rtcp_in(const struct track *t, const struct track_stats *s, unsigned layer)
{
	return json_pack("{s:I, s:I, s:I, s:i, s:i}", "base", (json_int_t)t->clock_hz, "lost",
		(json_int_t)s->lost[layer], "jitter-local", (json_int_t)s->jitter_ms[layer],
		"in-link-quality", s->quality_in[layer].link, "in-media-link-quality",
		s->quality_in[layer].media);
}

/* One stream goes out, whatever comes in: the first entry tells of it, in the others nothing is
 * known. */
static void set_rtcp_out(json_t *o, const struct track_stats *s)
{
	static const struct track_stats nothing;
	s = s ? s : &nothing;
	set(o, "lost-by-remote", s->lost_remote);
	set(o, "jitter-remote", s->jitter_remote_ms);
	set(o, "out-link-quality", s->quality_out.link);
	set(o, "out-media-link-quality", s->quality_out.media);
}

static json_t *rtcp(const struct track *t, const struct track_stats *s)
{
	static const char *const names[] = { "main", "sim1", "sim2" };
	json_t *o = json_object(), *first = rtcp_in(t, s, 0);
	set(first, "rtt", s->rtt_ms);
	set_rtcp_out(first, s);
	json_object_set_new(o, names[0], first);
	for (unsigned i = 1; i < CARDEA_LAYERS; i++) {
		if (!s->in[i].packets)
			continue;
		json_t *layer = rtcp_in(t, s, i);
		set_rtcp_out(layer, NULL);
		json_object_set_new(o, names[i], layer);
	}
	return o;
}

static json_t *counters(const struct track_stats *s)
{
	static const char *const names[] = { "in", "video-simulcast-1", "video-simulcast-2" };
	json_t *o = json_object(), *in = NULL;
	for (unsigned i = 0; i < CARDEA_LAYERS; i++) {
		if (i && !s->in[i].packets)
			continue;
		json_t *layer = json_pack("{s:I, s:I, s:I, s:I, s:I}", "packets",
			(json_int_t)s->in[i].packets, "bytes", (json_int_t)s->in[i].bytes,
			"bytes_lastsec", (json_int_t)s->bytes_in_lastsec[i], "nacks",
			(json_int_t)s->in[i].nacks, "retransmissions",
			(json_int_t)s->in[i].retransmissions);
		json_object_set_new(i ? in : o, names[i], layer);
		in = i ? in : layer;
	}
	json_object_set_new(o, "out",
		json_pack("{s:I, s:I, s:I, s:I}", "packets", (json_int_t)s->out.packets, "bytes",
			(json_int_t)s->out.bytes, "bytes_lastsec", (json_int_t)s->bytes_out_lastsec,
			"nacks", (json_int_t)s->out.nacks));
	return o;
}

static json_t *messages(const struct data_stats *d)
{
	return json_pack("{s:{s:I, s:I}, s:{s:I, s:I}}", "in", "packets", (json_int_t)d->packets_in,
		"bytes", (json_int_t)d->bytes_in, "out", "packets", (json_int_t)d->packets_out,
		"bytes", (json_int_t)d->bytes_out);
}

/* Has it carried anything yet? */
static bool flows(const struct track_stats *s)
{
	bool any = s->out.packets;
	for (unsigned i = 0; i < CARDEA_LAYERS; i++)
		any |= s->in[i].packets != 0;
	return any;
}

static json_t *line(const struct line *l)
{
	const struct track *t = l->t;
	const struct track_stats *s = l->s;
	static const char *const kinds[] = { "other", "audio", "video", "data", "other" };
	json_t *o = json_object();
	set_text(o, "type", kinds[t->kind <= CARDEA_OTHER ? t->kind : 0]);
	set(o, "mindex", t->mindex);
	set_text(o, "mid", t->mid);
	if (t->kind == CARDEA_DATA)
		json_object_set_new(o, "stats", messages(l->data));
	if (t->kind != CARDEA_AUDIO && t->kind != CARDEA_VIDEO)
		return o;
	json_object_set_new(o, "msid", msid(l));
	json_object_set_new(o, "do_nacks", json_boolean(t->feedback & CARDEA_FB_NACK));
	if (s)
		set(o, "nack-queue-ms", s->nack_queue_ms);
	json_object_set_new(o, "ssrc", ssrcs(t, s));
	if (t->n_layers && t->rids[0][0])
		json_object_set_new(o, "rid-simulcast", rid_simulcast(l));
	json_object_set_new(o, "direction",
		json_pack(
			"{s:b, s:b}", "send", t->dir & CARDEA_SEND, "recv", t->dir & CARDEA_RECV));
	if (s && flows(s))
		json_object_set_new(o, "codecs", codecs(t));
	if (s) {
		json_object_set_new(o, "rtcp", rtcp(t, s));
		json_object_set_new(o, "stats", counters(s));
	}
	return o;
}

static const struct track_stats *stats_of(const struct peer_report *r, unsigned mindex)
{
	for (unsigned i = 0; r && i < r->n_tracks; i++)
		if (r->tracks[i].mindex == mindex)
			return &r->tracks[i];
	return NULL;
}

/* What a description has of the m-lines; NULL: there is none. Read only when somebody wants to
 * know, since it takes more room than all else of a PeerConnection. */
static struct cardea_desc *described(const char *sdp)
{
	struct cardea_desc *d = NULL;
	struct sdp_transport t;
	char why[160];
	return sdp && sdp_parse(sdp, CARDEA_OFFER, false, &d, &t, why) == OK ? d : NULL;
}

static const struct cardea_media *media_of(const struct cardea_desc *d, unsigned mindex)
{
	return d && mindex < d->n_media ? &d->media[mindex] : NULL;
}

json_t *handle_info_media(const struct peerconn *pc, const struct peer_report *r)
{
	json_t *o = json_object();
	struct cardea_desc *ours = described(pc->local_sdp), *theirs = described(pc->remote_sdp);
	for (unsigned i = 0; i < pc->neg.n_tracks; i++) {
		const struct track *t = &pc->neg.tracks[i];
		char index[12];
		snprintf(index, sizeof index, "%u", i);
		struct line l = { t, stats_of(r, i), media_of(ours, i), media_of(theirs, i),
			&pc->data_stats };
		json_t *shown = line(&l), *why = explain_line(pc, i, r);
		if (why)
			json_object_set_new(shown, "why", why);
		json_object_set_new(o, t->mid[0] ? t->mid : index, shown);
	}
	cardea_desc_free(ours);
	cardea_desc_free(theirs);
	return o;
}
