/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/loop.h"
#include "../jsep/sdp.h"
#include "../rtc/rtc.h"
#include "handleinfo.h"
#include "hook.h"
#include "peerconn.h"
#include "plugin.h"

static void set(json_t *o, const char *name, int64_t value)
{
	json_object_set_new(o, name, json_integer(value));
}

static void set_if(json_t *o, const char *name, int64_t value)
{
	if (value)
		set(o, name, value);
}

static void set_text(json_t *o, const char *name, const char *text)
{
	if (text && *text)
		json_object_set_new(o, name, cardea_json_text(text));
}

static json_t *identity(struct cardea_handle *h)
{
	const struct session *s = h->session;
	json_t *o = json_object();
	set(o, "session_id", (int64_t)s->id);
	set(o, "session_last_activity", s->active_us);
	set(o, "session_timeout", session_timeout(s));
	if (s->owner.transport) {
		char package[80];
		snprintf(
			package, sizeof package, "janus.transport.%.60s", s->owner.transport->name);
		set_text(o, "session_transport", package);
	}
	set(o, "handle_id", (int64_t)h->id);
	set_text(o, "opaque_id", h->opaque_id);
	set_text(o, "token", h->token);
	json_object_set_new(o, "loop-running", json_true());
	set(o, "created", h->created_us);
	set(o, "current_time", clock_now_us());
	set_text(o, "plugin", h->plugin->package);
	json_t *specific = h->plugin->api->query ? h->plugin->api->query(h) : NULL;
	if (specific)
		json_object_set_new(o, "plugin_specific", specific);
	return o;
}

static bool any_line(const struct peerconn *pc, bool (*is)(const struct track *t))
{
	for (unsigned i = 0; pc && i < pc->neg.n_tracks; i++)
		if (is(&pc->neg.tracks[i]))
			return true;
	return false;
}

static bool is_data(const struct track *t)
{
	return t->kind == CARDEA_DATA && t->dir != CARDEA_INACTIVE;
}

static bool has_rtx(const struct track *t)
{
	return t->rtx_pt != 0;
}

static json_t *flags(const struct cardea_handle *h)
{
	const struct peerconn *pc = h->pc;
	bool agreed = peerconn_agreed(pc);
	const struct {
		const char *name;
		bool on;
	} rows[] = {
		{ "got-offer", pc && (pc->offer || agreed || pc->neg.pending) },
		{ "got-answer", agreed },
		{ "negotiated", agreed },
		{ "processing-offer", pc && pc->offer },
		{ "starting", agreed },
		{ "ice-restart", pc && pc->restarting },
		{ "ready", pc && pc->up },
		{ "stopped", false },
		{ "alert", false },
		{ "trickle", pc && pc->trickles },
		{ "all-trickles", pc && pc->all_trickled },
		{ "resend-trickles", false },
		{ "trickle-synced", false },
		{ "data-channels", any_line(pc, is_data) },
		{ "has-audio", false },
		{ "has-video", false },
		{ "new-datachan-sdp", pc && !pc->neg.remote.old_sctpmap && any_line(pc, is_data) },
		{ "rfc4588-rtx", any_line(pc, has_rtx) },
		{ "cleaning", false },
		{ "e2ee", h->e2ee },
	};
	json_t *o = json_object();
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		json_object_set_new(o, rows[i].name, json_boolean(rows[i].on));
	return o;
}

/* ---- webrtc ---- */

static void print_addr(const struct addr *a, char *out, size_t size)
{
	char ip[INET6_ADDRSTRLEN] = "";
	bool v6 = a->sa.sa_family == AF_INET6;
	inet_ntop(a->sa.sa_family,
		v6 ? (const void *)&a->v6.sin6_addr : (const void *)&a->v4.sin_addr, ip, sizeof ip);
	snprintf(out, size, "%s:%u", ip, ntohs(v6 ? a->v6.sin6_port : a->v4.sin_port));
}

static void add_candidate(json_t *list, const char *text, size_t len)
{
	char line[256];
	snprintf(line, sizeof line, "%.*s", (int)(len < sizeof line ? len : sizeof line - 1), text);
	if (!strstr(line, " tcp ") && !strstr(line, " TCP ")) /* there is none to meet them */
		json_array_append_new(list, cardea_json_text(line));
}

/* The client's candidates: those of the m-line whose transport is used, and those that came after
 * it. */
static json_t *remote_candidates(const struct peerconn *pc)
{
	static const char prefix[] = "a=candidate:";
	json_t *list = json_array();
	int at = -1;
	for (const char *line = pc->remote_sdp; line && *line && at <= pc->neg.tag;) {
		size_t len = strcspn(line, "\r\n");
		at += strncmp(line, "m=", 2) == 0;
		if (at >= 0 && at == pc->neg.tag && strncmp(line, prefix, strlen(prefix)) == 0)
			add_candidate(list, line + strlen(prefix), len - strlen(prefix));
		line += len + strspn(line + len, "\r\n");
	}
	for (unsigned i = 0; pc->trickled && i < pc->trickled->len; i++) {
		const char *text = pc->trickled->pdata[i];
		add_candidate(list, text, strlen(text));
	}
	return list;
}

static json_t *ice(const struct peerconn *pc, const struct peer_stats *s)
{
	json_t *o = json_object(), *ours = json_array();
	const char *candidate;
	bool connected = pc->up || (s && s->connected);
	set(o, "stream_id", 1);
	set(o, "component_id", 1);
	set_text(o, "state", connected ? "ready" : "connecting");
	set(o, "gathered", pc->opened_us);
	if (s)
		set_if(o, "connected", s->ice_connected_us);
	for (unsigned i = 0; (candidate = rtc_candidate(pc->worker, i)); i++)
		json_array_append_new(ours, json_string(candidate));
	json_object_set_new(o, "local-candidates", ours);
	json_object_set_new(o, "remote-candidates", remote_candidates(pc));
	if (s && s->local.sa.sa_family && s->remote.sa.sa_family) {
		char local[64], remote[64], pair[180];
		print_addr(&s->local, local, sizeof local);
		print_addr(&s->remote, remote, sizeof remote);
		snprintf(pair, sizeof pair, "%s [host,udp] <-> %s [prflx,udp]", local, remote);
		set_text(o, "selected-pair", pair);
	}
	set(o, "ready", connected);
	return o;
}

static const char *profile_name(unsigned profile)
{
	switch (profile) {
	case 1:
		return "SRTP_AES128_CM_SHA1_80";
	case 2:
		return "SRTP_AES128_CM_SHA1_32";
	case 7:
		return "SRTP_AEAD_AES_128_GCM";
	case 8:
		return "SRTP_AEAD_AES_256_GCM";
	}
	return "none";
}

static void set_fingerprint(json_t *o, const struct sdp_transport *t)
{
	const struct fingerprints *f = &t->fingerprints;
	char text[3 * FINGERPRINT_MAX + 1] = "";
	if (!f->n)
		return;
	for (unsigned i = 0; i < f->len; i++)
		sprintf(text + 3 * i, "%02X%s", f->bytes[i], i + 1u < f->len ? ":" : "");
	set_text(o, "remote-fingerprint", text);
	set_text(o, "remote-fingerprint-hash", fingerprint_name(f->len));
}

static json_t *dtls(const struct peerconn *pc, const struct peer_stats *s)
{
	static const char *const roles[] = { "active", "passive", "actpass" };
	json_t *o = json_object();
	bool connected = pc->up || (s && s->dtls_connected);
	set_text(o, "fingerprint", rtc_fingerprint());
	set_fingerprint(o, &pc->neg.remote);
	set_text(o, "dtls-role", roles[pc->dtls_server <= 2 ? pc->dtls_server : 2]);
	set_text(o, "dtls-state",
		connected                 ? "connected"
		: s && s->dtls_started_us ? "trying"
					  : "created");
	set(o, "retransmissions", 0);
	json_object_set_new(o, "valid", json_boolean(connected));
	set_text(o, "srtp-profile", profile_name(s ? s->srtp_profile : 0));
	json_object_set_new(o, "ready", json_boolean(connected));
	if (s) {
		set_if(o, "handshake-started", s->dtls_started_us);
		set_if(o, "connected", s->dtls_connected_us);
	}
	json_object_set_new(o, "sctp-association", json_boolean(pc->data != NULL));
	if (s)
		json_object_set_new(o, "stats",
			json_pack("{s:{s:I, s:I}, s:{s:I, s:I}}", "in", "packets",
				(json_int_t)s->packets_in, "bytes", (json_int_t)s->bytes_in, "out",
				"packets", (json_int_t)s->packets_out, "bytes",
				(json_int_t)s->bytes_out));
	return o;
}

static json_t *extensions(const struct peerconn *pc)
{
	static const char *const uris[CARDEA_N_EXT] = {
		[CARDEA_EXT_MID] = "urn:ietf:params:rtp-hdrext:sdes:mid",
		[CARDEA_EXT_RID] = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
		[CARDEA_EXT_RRID] = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
		[CARDEA_EXT_AUDIO_LEVEL] = "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
		[CARDEA_EXT_ORIENTATION] = "urn:3gpp:video-orientation",
		[CARDEA_EXT_PLAYOUT_DELAY] =
			"http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
		[CARDEA_EXT_TWCC] =
			"http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
		[CARDEA_EXT_ABS_SEND_TIME] =
			"http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
		[CARDEA_EXT_ABS_CAPTURE_TIME] =
			"http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time",
		[CARDEA_EXT_DEPENDENCY] = "https://aomediacodec.github.io/av1-rtp-spec/"
					  "#dependency-descriptor-rtp-header-extension",
		[CARDEA_EXT_LAYERS] =
			"http://www.webrtc.org/experiments/rtp-hdrext/video-layers-allocation00",
		[CARDEA_EXT_TOFFSET] = "urn:ietf:params:rtp-hdrext:toffset",
	};
	json_t *o = json_object();
	for (unsigned e = 0; e < CARDEA_N_EXT; e++)
		for (unsigned i = 0; i < pc->neg.n_tracks; i++)
			if (uris[e] && pc->neg.tracks[i].ext[e])
				set(o, uris[e], pc->neg.tracks[i].ext[e]);
	return o;
}

static json_t *bwe(const struct peerconn *pc)
{
	unsigned id = 0;
	for (unsigned i = 0; i < pc->neg.n_tracks && !id; i++)
		id = pc->neg.tracks[i].ext[CARDEA_EXT_TWCC];
	json_t *o = json_pack("{s:b}", "twcc", id != 0);
	set_if(o, "twcc-ext-id", id);
	return o;
}

/* ---- m-lines ---- */

/* An m-line from all sides. */
struct line {
	const struct track *t;
	const struct track_stats *s;              /* NULL: the worker was not asked or is silent */
	const struct cardea_media *ours, *theirs; /* as last described; NULL: not */
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

/* One stream goes out, whatever comes in: only the first entry has both directions. */
static json_t *rtcp(const struct track *t, const struct track_stats *s)
{
	static const char *const names[] = { "main", "sim1", "sim2" };
	json_t *o = json_object(), *first = rtcp_in(t, s, 0);
	set(first, "rtt", s->rtt_ms);
	set(first, "lost-by-remote", s->lost_remote);
	set(first, "jitter-remote", s->jitter_remote_ms);
	set(first, "out-link-quality", s->quality_out.link);
	set(first, "out-media-link-quality", s->quality_out.media);
	json_object_set_new(o, names[0], first);
	for (unsigned i = 1; i < CARDEA_LAYERS; i++)
		if (s->in[i].packets)
			json_object_set_new(o, names[i], rtcp_in(t, s, i));
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

static json_t *line(const struct line *l)
{
	const struct track *t = l->t;
	const struct track_stats *s = l->s;
	static const char *const kinds[] = { "other", "audio", "video", "data", "other" };
	json_t *o = json_object();
	set_text(o, "type", kinds[t->kind <= CARDEA_OTHER ? t->kind : 0]);
	set(o, "mindex", t->mindex);
	set_text(o, "mid", t->mid);
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

/* What a description said of the m-lines; NULL: there is none. Read only when somebody wants to
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

static json_t *media(const struct peerconn *pc, const struct peer_report *r)
{
	json_t *o = json_object();
	struct cardea_desc *ours = described(pc->local_sdp), *theirs = described(pc->remote_sdp);
	for (unsigned i = 0; i < pc->neg.n_tracks; i++) {
		const struct track *t = &pc->neg.tracks[i];
		char index[12];
		snprintf(index, sizeof index, "%u", i);
		struct line l = { t, stats_of(r, i), media_of(ours, i), media_of(theirs, i) };
		json_object_set_new(o, t->mid[0] ? t->mid : index, line(&l));
	}
	cardea_desc_free(ours);
	cardea_desc_free(theirs);
	return o;
}

static json_t *webrtc(const struct peerconn *pc, const struct peer_report *r)
{
	const struct peer_stats *s = r ? &r->stats : NULL;
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "ice", ice(pc, s), "dtls", dtls(pc, s),
		"extensions", extensions(pc), "bwe", bwe(pc), "media", media(pc, r));
}

static void put_connection(
	json_t *o, const struct cardea_handle *h, const struct peer_report *report)
{
	const struct peerconn *pc = h->pc;
	json_t *sdps = json_object();
	json_object_set_new(o, "flags", flags(h));
	if (pc) {
		set(o, "agent-created", pc->created_us);
		set_if(o, "agent-started", pc->opened_us);
		set_text(o, "ice-mode", "lite");
		set_text(o, "ice-role", "controlled");
		set_text(sdps, "profile", pc->neg.remote.profile);
		set_text(sdps, "local", pc->local_sdp);
		set_text(sdps, "remote", pc->remote_sdp);
	}
	json_object_set_new(o, "sdps", sdps);
	set(o, "queued-packets", 0);
	if (pc && pc->peer)
		json_object_set_new(o, "webrtc", webrtc(pc, report));
}

json_t *handle_info(struct cardea_handle *h, bool plugin_only, const struct peer_report *report)
{
	/* The plugin's query may end the handle: not before all has been read. */
	hook_enter();
	json_t *o = identity(h);
	if (!plugin_only)
		put_connection(o, h, report);
	hook_leave();
	return o;
}
