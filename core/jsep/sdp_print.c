/* SPDX-License-Identifier: Apache-2.0 */
/* Structs to an SDP of ours, offer or answer: the way out of sdp.h, behind negotiate.c. Every line
 * that goes to a client is written here. */
#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "../router/track.h"
#include "bundle.h"
#include "codec.h"
#include "../rtp/ext.h"
#include "sdp.h"

#define NL "\r\n"

struct printer {
	FILE *f;
	const struct cardea_desc *d;
	const struct sdp_local *l;
	int tag; /* the m-line that speaks for the bundle; -1: all are rejected */
};

static const char *dir_word(enum cardea_dir dir)
{
	static const char *const words[] = { "inactive", "sendonly", "recvonly", "sendrecv" };
	return words[dir & CARDEA_SENDRECV];
}

/* "IN IP4 192.0.2.2" */
static void address(const struct printer *p)
{
	fprintf(p->f, "IN %s %s" NL, strchr(p->l->address, ':') ? "IP6" : "IP4", p->l->address);
}

/* What is accepted of the group that was offered, in its order: the tagged m-line comes first (RFC
 * 9143, section 7.3). */
static void group(const struct printer *p)
{
	const char *at[2 * CARDEA_MEDIA_MAX] = { NULL };
	if (p->tag < 0 || !p->d->media[p->tag].group)
		return;
	for (unsigned i = 0; i < p->d->n_media; i++) {
		const struct cardea_media *m = &p->d->media[i];
		if (!m->rejected && m->has_mid && m->group == p->d->media[p->tag].group)
			at[m->group_place] = m->mid;
	}
	fputs("a=group:BUNDLE", p->f);
	for (unsigned i = 0; i < 2 * CARDEA_MEDIA_MAX; i++)
		if (at[i])
			fprintf(p->f, " %s", at[i]);
	fputs(NL, p->f);
}

/* Names may come from clients, cut to length: nothing that could begin another line, no half
 * characters. */
static void name(const struct printer *p)
{
	const char *c = p->d->name, *end;
	g_utf8_validate(c, -1, &end);
	fputs(c == end ? "s=-" : "s=", p->f);
	for (; c < end; c++)
		fputc((unsigned char)*c < 0x20 ? ' ' : *c, p->f);
	fputs(NL "t=0 0" NL, p->f);
}

static void session(const struct printer *p)
{
	const struct sdp_local *l = p->l;
	fprintf(p->f, "v=0" NL "o=- %s %" PRIu64 " ", l->origin_id, l->origin_version);
	address(p);
	name(p);
	group(p);
	fprintf(p->f,
		"a=ice-options:trickle" NL "a=fingerprint:sha-256 %s" NL "%s"
		"a=msid-semantic: WMS *" NL,
		l->fingerprint, p->d->mixed_ext ? "a=extmap-allow-mixed" NL : "");
	if (l->ice_lite)
		fputs("a=ice-lite" NL, p->f);
}

/* ---- one m-line ---- */

static bool has_old_sctpmap(const struct printer *p, const struct cardea_media *m)
{
	return m->proto[0] ? m->old_sctpmap : p->l->old_sctpmap;
}

/* Offered for the bundle alone: RFC 9143, section 6. */
static bool is_bundle_only(const struct printer *p, const struct cardea_media *m)
{
	return p->l->bundle_only && !m->rejected && m != &p->d->media[p->tag];
}

/* "63 111": what comes first the peer is asked to send. Who only gets takes either, and clients
 * that know nothing of redundant audio may look at the first alone. */
static void formats(
	const struct printer *p, const struct cardea_media *m, const struct cardea_codec *c)
{
	if (c->red_pt && m->dir & CARDEA_RECV)
		fprintf(p->f, " %u", c->red_pt);
	fprintf(p->f, c->rtx_pt ? " %u %u" : " %u", c->pt, c->rtx_pt);
	if (c->red_pt && !(m->dir & CARDEA_RECV))
		fprintf(p->f, " %u", c->red_pt);
}

static void m_line(const struct printer *p, const struct cardea_media *m)
{
	int port = m->rejected || is_bundle_only(p, m) ? 0 : 9;
	switch (m->kind) {
	case CARDEA_DATA:
		fprintf(p->f, "m=application %d %s %s" NL, port,
			m->proto[0] ? m->proto : p->l->data_proto,
			has_old_sctpmap(p, m) ? "5000" : "webrtc-datachannel");
		break;
	case CARDEA_OTHER:
		fprintf(p->f, "m=%s 0 %s 0" NL, m->type, m->proto);
		break;
	default:
		fprintf(p->f, "m=%s %d %s", m->kind == CARDEA_AUDIO ? "audio" : "video", port,
			m->proto[0] ? m->proto : p->l->profile);
		for (unsigned i = 0; i < m->n_codecs && !m->rejected; i++)
			formats(p, m, &m->codecs[i]);
		fputs(m->rejected || !m->n_codecs ? " 0" NL : NL, p->f);
	}
	fputs("c=", p->f);
	address(p);
}

static void bandwidth(const struct printer *p, const struct cardea_media *m)
{
	if (m->bandwidth_bps && p->l->firefox)
		fprintf(p->f, "b=TIAS:%u" NL, m->bandwidth_bps);
	else if (m->bandwidth_bps)
		fprintf(p->f, "b=AS:%u" NL, m->bandwidth_bps / 1000);
}

/* "a=rtpmap:111 opus/48000/2" */
static void rtpmap(
	const struct printer *p, uint8_t pt, const char *encoding, const struct cardea_codec *c)
{
	fprintf(p->f, "a=rtpmap:%u %s/%u", pt, encoding, c->clock_hz);
	if (c->channels > 1)
		fprintf(p->f, "/%u", c->channels);
	fputs(NL, p->f);
}

static void codec(const struct printer *p, const struct cardea_codec *c)
{
	static const struct {
		uint32_t bit;
		const char *text;
	} feedback[] = {
		{ CARDEA_FB_FIR, "ccm fir" },
		{ CARDEA_FB_NACK, "nack" },
		{ CARDEA_FB_PLI, "nack pli" },
		{ CARDEA_FB_REMB, "goog-remb" },
		{ CARDEA_FB_TWCC, "transport-cc" },
	};
	const struct codec_info *info = codec_info(c->id);
	rtpmap(p, c->pt, info ? info->encoding : c->name, c);
	if (c->fmtp[0])
		fprintf(p->f, "a=fmtp:%u %s" NL, c->pt, c->fmtp);
	if (c->red_pt) {
		rtpmap(p, c->red_pt, "red", c);
		fprintf(p->f, "a=fmtp:%u %u/%u" NL, c->red_pt, c->pt, c->pt);
	}
	for (unsigned i = 0; i < sizeof feedback / sizeof *feedback; i++)
		if (c->feedback & feedback[i].bit)
			fprintf(p->f, "a=rtcp-fb:%u %s" NL, c->pt, feedback[i].text);
}

/* Which way an extension goes, when it is not both. */
static const char *way(const struct cardea_media *m, unsigned x)
{
	if (m->ext_recv_only & 1u << x)
		return "/recvonly";
	return m->ext_send_only & 1u << x ? "/sendonly" : "";
}

static void media(const struct printer *p, const struct cardea_media *m)
{
	for (unsigned i = 0; i < m->n_codecs; i++)
		codec(p, &m->codecs[i]);
	if (m->mixed_ext)
		fputs("a=extmap-allow-mixed" NL, p->f);
	for (unsigned x = 0; x < CARDEA_N_EXT; x++)
		if (m->ext[x])
			fprintf(p->f, "a=extmap:%u%s %s" NL, m->ext[x], way(m, x), ext_uri(x));
	for (unsigned i = 0; i < m->n_codecs; i++)
		if (m->codecs[i].rtx_pt)
			fprintf(p->f, "a=rtpmap:%u rtx/%u" NL "a=fmtp:%u apt=%u" NL,
				m->codecs[i].rtx_pt, m->codecs[i].clock_hz, m->codecs[i].rtx_pt,
				m->codecs[i].pt);
}

static void sending(const struct printer *p, const struct cardea_media *m, const struct track *t)
{
	const char *stream = m->stream[0] ? m->stream : "janus";
	bool rtx = t->out_rtx_ssrc && m->n_codecs && m->codecs[0].rtx_pt;
	if (!(m->dir & CARDEA_SEND) || !t->out_ssrc)
		return;
	if (rtx)
		fprintf(p->f, "a=ssrc-group:FID %u %u" NL, t->out_ssrc, t->out_rtx_ssrc);
	if (m->track[0])
		fprintf(p->f, "a=msid:%s %s" NL, stream, m->track);
	else
		fprintf(p->f, "a=msid:%s janus%s" NL, stream, m->mid);
	fprintf(p->f, "a=ssrc:%u cname:janus" NL, t->out_ssrc);
	if (rtx)
		fprintf(p->f, "a=ssrc:%u cname:janus" NL, t->out_rtx_ssrc);
}

/* The peer's layers back, in its own order and form. */
static void simulcast(const struct printer *p, const struct cardea_media *m)
{
	const char *lead = m->rids_old_form ? "a=simulcast: recv rid=" : "a=simulcast:recv ";
	if (!m->n_layers || !m->rids[0][0])
		return;
	for (unsigned i = 0; i < m->n_layers; i++)
		fprintf(p->f, "a=rid:%s recv" NL,
			m->rids[m->rids_high_first ? m->n_layers - 1 - i : i]);
	if (m->rids_alone) /* RFC 8853, 5.3.2: answered where it was offered */
		return;
	for (unsigned i = 0; i < m->n_layers; i++) {
		unsigned layer = m->rids_high_first ? m->n_layers - 1 - i : i;
		fprintf(p->f, "%s%s%s", i ? ";" : lead, m->rids_paused & 1u << layer ? "~" : "",
			m->rids[layer]);
	}
	fputs(NL, p->f);
}

static void candidates(const struct printer *p)
{
	for (const char *const *c = p->l->candidates; c && *c; c++)
		fprintf(p->f, "a=candidate:%s" NL, *c);
	if (p->l->end_of_candidates)
		fputs("a=end-of-candidates" NL, p->f);
}

/* Is it data, is it bundled, are RTCP and RTP together? */
static void form(const struct printer *p, const struct cardea_media *m)
{
	if (is_bundle_only(p, m))
		fputs("a=bundle-only" NL, p->f);
	if (m->kind == CARDEA_DATA) {
		fprintf(p->f, "a=%s" NL "a=max-message-size:262144" NL,
			has_old_sctpmap(p, m) ? "sctpmap:5000 webrtc-datachannel 16"
					      : "sctp-port:5000");
		return;
	}
	if (m->rtcp_mux || m == &p->d->media[p->tag])
		fputs("a=rtcp-mux" NL, p->f);
	if (m->rtcp_rsize)
		fputs("a=rtcp-rsize" NL, p->f);
}

static void section(const struct printer *p, const struct cardea_media *m, const struct track *t)
{
	const struct sdp_local *l = p->l;
	bool dead = m->rejected || m->kind == CARDEA_OTHER;
	m_line(p, m);
	if (!dead)
		bandwidth(p, m);
	fprintf(p->f, "a=%s" NL, dead ? "inactive" : dir_word(m->dir));
	if (m->has_mid)
		fprintf(p->f, "a=mid:%s" NL, m->mid);
	if (!dead)
		form(p, m);
	/* webrtcbin takes no description where these are missing, even from what is rejected */
	if (l->ufrag[0])
		fprintf(p->f,
			"a=ice-ufrag:%s" NL "a=ice-pwd:%s" NL "a=ice-options:trickle" NL
			"a=setup:%s" NL,
			l->ufrag, l->pwd, l->setup);
	if (dead)
		return;
	if (m->kind != CARDEA_DATA) {
		media(p, m);
		sending(p, m, t);
		simulcast(p, m);
	}
	candidates(p);
}

char *sdp_print(const struct cardea_desc *d, const struct sdp_local *l)
{
	char *text = NULL;
	size_t len;
	struct printer p = { open_memstream(&text, &len), d, l, bundle_tag(d) };
	if (!p.f)
		return NULL;
	session(&p);
	for (unsigned i = 0; i < d->n_media; i++)
		section(&p, &d->media[i], &l->tracks[i]);
	fclose(p.f);
	return text;
}
