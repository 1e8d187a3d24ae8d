/* SPDX-License-Identifier: Apache-2.0 */
#include "rtc_peer.h"
#include <string.h>
#include "../base/id.h"
#include "../base/log.h"
#include "../base/metric.h"
#include "../base/warm.h"
#include "cm_batch.h"
#include "ice.h"
#include "peer_dtls.h"
#include "peer_why.h"
#include "secure.h"
#include "sources.h"
#include "udp.h"

#define RETRY_US    20000
#define QUIET_US    100000 /* the selected path brings no media any more: five packets of audio */
#define OLD_KEYS_US 2000000
#define NOTE_EACH   16 /* packets, of which one's SSRC is remembered */

static struct metric peers_now = { .name = "cardea_rtc_peers",
	.help = "PeerConnections open on the workers" };
static struct metric connected = { .name = "cardea_rtc_connected_total",
	.help = "PeerConnections that came up" };
static struct metric not_authentic = { .name = "cardea_srtp_unauthentic_drops",
	.help = "SRTP and SRTCP packets that failed authentication" };
static struct metric replays = { .name = "cardea_srtp_replay_drops",
	.help = "SRTP and SRTCP packets seen before, or too old to tell" };
static struct metric malformed = { .name = "cardea_srtp_malformed_drops",
	.help = "Packets of known peers that are not RTP or RTCP" };
static struct metric early = { .name = "cardea_srtp_early_drops",
	.help = "Media packets that came before the keys" };
static struct metric unsent = { .name = "cardea_srtp_unsent_drops",
	.help = "Outgoing packets that could not be encrypted, or were refused" };
static struct metric reports_late = { .name = "cardea_rtc_late_reports",
	.help = "Reports that had to wait because control did not read" };

static int64_t now_us(const struct rtc_peer *p)
{
	return loop_now(p->worker->loop);
}

/* ---- reports ---- */

static void fill_report(const struct rtc_peer *p, enum report_type type, struct report *r)
{
	memset(r, 0, report_len(type));
	r->type = type;
	r->worker = p->worker->index;
	r->peer = p->id;
	if (type == REP_CONNECTED) {
		r->connected.local = p->path.local;
		r->connected.remote = p->path.remote;
		r->connected.srtp_profile = p->profile;
	} else if (type == REP_FAILED) {
		r->failed.why = p->why;
	}
}

/* Nothing of the life of a peer must get lost: what finds no room is pushed again later. */
static bool push_report(struct rtc_peer *p, enum report_type type)
{
	struct report r;
	fill_report(p, type, &r);
	if (!queue_push(p->worker->reports, &r, report_len(type))) {
		p->late &= (uint8_t) ~(1u << type);
		return true;
	}
	metric_add(&reports_late, 1);
	p->late |= (uint8_t)(1u << type);
	if (!wheel_armed(&p->worker->retry))
		wheel_set(loop_wheel(p->worker->loop), &p->worker->retry, now_us(p) + RETRY_US);
	return false;
}

static void retire(struct rtc_peer *p)
{
	if (push_report(p, REP_RETIRED))
		rtc_peer_free(p);
}

void rtc_peer_retry(struct rtc_peer *p)
{
	if (p->late & 1u << REP_CONNECTED && !push_report(p, REP_CONNECTED))
		return;
	if (p->late & 1u << REP_FAILED && !push_report(p, REP_FAILED))
		return;
	if (p->late & 1u << REP_RETIRED)
		retire(p);
}

/* ---- life ---- */

static void fail(struct rtc_peer *p, enum failure why)
{
	if (p->has_failed || p->is_closing)
		return;
	p->has_failed = true;
	p->is_up = p->may_send = false;
	p->why = (uint8_t)why;
	p->failed_us = now_us(p);
	wheel_cancel(loop_wheel(p->worker->loop), &p->timer);
	log_debug("rtc", p->id, "peer failed", "why=%u", why);
	push_report(p, REP_FAILED);
}

/* RFC 7675: who has answered our checks must go on to, where we send to, or we stop. */
static int64_t consent_ends(const struct rtc_peer *p)
{
	int64_t answered = ice_consent_us(p->worker->ice, p->slot);
	return answered == INT64_MAX ? INT64_MAX : answered + p->worker->conf->consent_us;
}

/* The timer runs far more seldom than packets come: it looks when the peer was last heard of, and
 * sleeps on. */
static void on_timer(void *arg)
{
	struct rtc_peer *p = arg;
	const struct rtc_conf *c = p->worker->conf;
	int64_t heard = p->heard_us > p->alive_us ? p->heard_us : p->alive_us;
	int64_t due = p->has_path ? heard + c->consent_us : p->described_us + c->ice_timeout_us;
	int64_t ends = consent_ends(p), now = now_us(p);
	if (now >= due) {
		fail(p, p->has_path ? FAIL_CONSENT : FAIL_ICE);
		return;
	}
	if (now >= ends)
		p->may_send = false;
	wheel_set(loop_wheel(p->worker->loop), &p->timer, now < ends && ends < due ? ends : due);
}

static void describe(struct rtc_peer *p, const struct cmd_peer_open *o)
{
	struct secure_peer what = { .fingerprints = o->fingerprints,
		.role = o->dtls_role,
		.sctp_port = o->sctp_port,
		.sctp_max = o->sctp_max,
		.sctp_number = o->sctp_number };
	p->dtls_role = o->dtls_role;
	if (secure_open(p->worker->secure, p->worker->index, p->id, &what))
		fail(p, FAIL_FULL);
	if (!o->peer_ufrag[0])
		return;
	if (ice_peer(p->worker->ice, p->slot, o->peer_ufrag, o->peer_pwd))
		fail(p, FAIL_ICE);
	if (p->is_described)
		return;
	p->is_described = true;
	p->described_us = now_us(p);
	if (!p->has_path && !p->has_failed)
		wheel_set(loop_wheel(p->worker->loop), &p->timer,
			p->described_us + p->worker->conf->ice_timeout_us);
}

enum err rtc_peer_open(struct worker *w, uint64_t id, const struct cmd_peer_open *o)
{
	struct rtc_peer *p = pool_take(w->peer_pool);
	uint32_t slot = ID_SLOT(id);
	if (!p || w->peers[slot]) {
		pool_give(w->peer_pool, p);
		return ERR_FULL;
	}
	memset(p, 0, sizeof(*p));
	p->worker = w;
	p->id = id;
	p->slot = slot;
	p->opened_us = now_us(p);
	p->timer.fn = on_timer;
	p->timer.arg = p;
	w->peers[slot] = p;
	w->n_peers++;
	metric_add(&peers_now, 1);
	if (ice_open(w->ice, slot, o->ufrag, o->pwd) || router_peer_open(w->router, slot))
		fail(p, FAIL_FULL);
	else
		describe(p, o);
	return OK;
}

void rtc_peer_ice(struct rtc_peer *p, const struct cmd_peer_open *o)
{
	if (p->is_closing || p->has_failed)
		return;
	if (o->ufrag[0] && ice_restart(p->worker->ice, p->slot, o->ufrag, o->pwd)) {
		fail(p, FAIL_FULL);
		return;
	}
	describe(p, o);
}

void rtc_peer_close(struct rtc_peer *p, bool silent)
{
	if (p->is_closing)
		return;
	p->is_closing = true;
	p->is_up = p->may_send = false;
	rtc_peer_capture(p, NULL);
	wheel_cancel(loop_wheel(p->worker->loop), &p->timer);
	router_peer_close(p->worker->router, p->slot);
	ice_close(p->worker->ice, p->slot);
	if (secure_close(p->worker->secure, p->worker->index, p->id, silent))
		retire(p);
}

void rtc_peer_capture(struct rtc_peer *p, struct tap *t)
{
	tap_free(p->tap);
	p->tap = t;
}

void rtc_peer_free(struct rtc_peer *p)
{
	struct worker *w = p->worker;
	if (!p->is_closing) {
		router_peer_close(w->router, p->slot);
		ice_close(w->ice, p->slot);
	}
	wheel_cancel(loop_wheel(w->loop), &p->timer);
	sources_forget(w->sources, p->slot);
	peer_dtls_drop_held(p);
	tap_free(p->tap);
	srtp_free(p->srtp);
	srtp_free(p->old);
	report_queue_clear(&p->media_reports);
	w->peers[p->slot] = NULL;
	w->n_peers--;
	metric_add(&peers_now, (uint64_t)-1);
	pool_give(w->peer_pool, p);
}

/* A handshake on a proven path needs no measure. */
static void tell_proven(struct rtc_peer *p)
{
	struct worker *w = p->worker;
	if (p->dtls_us || p->is_proven || !ice_is_proven(w->ice, p->slot))
		return;
	p->is_proven = !secure_proven(w->secure, w->index, p->id);
}

void rtc_peer_heard(struct rtc_peer *p)
{
	tell_proven(p);
	p->may_send = p->is_up;
	peer_dtls_send_held(p);
	p->heard_us = now_us(p);
	router_heard(p->worker->router, p->slot, p->heard_us);
}

void rtc_peer_path(struct rtc_peer *p, const struct path *path)
{
	char local[ADDR_TEXT], remote[ADDR_TEXT];
	if (p->has_failed)
		return;
	log_debug("rtc", p->id, "path chosen", "local=%s remote=%s", addr_text(&path->local, local),
		addr_text(&path->remote, remote));
	p->path = *path;
	if (p->has_path) {
		p->may_send = p->is_up;
		peer_dtls_send_held(p);
		router_moved(p->worker->router, p->slot);
		return;
	}
	p->has_path = true;
	p->ice_us = p->heard_us = now_us(p);
	wheel_set(
		loop_wheel(p->worker->loop), &p->timer, p->heard_us + p->worker->conf->consent_us);
	if (secure_begin(p->worker->secure, p->worker->index, p->id))
		fail(p, FAIL_FULL);
}

/* Those of a new association replace the old ones (RFC 8842), and nothing else changes. What is on
 * its way under the old ones is still heard. */
static void take_keys(struct rtc_peer *p, const struct secure_reply *r)
{
	struct srtp *fresh = NULL;
	if (p->has_failed)
		return;
	if (r->up.keys.profile && srtp_new(&fresh, p->worker->conf->srtp, &r->up.keys)) {
		fail(p, FAIL_DTLS_ERROR);
		return;
	}
	if (!p->is_up && !ice_shaken(p->worker->ice, p->slot)) {
		srtp_free(fresh);
		fail(p, FAIL_ICE);
		return;
	}
	srtp_free(p->old);
	p->old = p->srtp;
	p->old_until_us = now_us(p) + OLD_KEYS_US;
	p->srtp = fresh;
	p->profile = r->up.keys.profile;
	p->dtls_role = r->up.is_server ? DTLS_SERVER : DTLS_CLIENT;
	p->dtls_us = now_us(p);
	peer_dtls_send_held(p);
	if (p->is_up)
		return;
	p->is_up = p->may_send = true;
	metric_add(&connected, 1);
	push_report(p, REP_CONNECTED);
	router_peer_up(p->worker->router, p->slot);
}

void rtc_peer_secured(struct rtc_peer *p, const struct secure_reply *r)
{
	switch (r->type) {
	case SECURE_SEND:
		peer_dtls_send(p, r->data, r->len);
		break;
	case SECURE_REPEATED:
		p->dtls_repeats = r->repeats;
		break;
	case SECURE_HEARD:
		p->alive_us = now_us(p);
		router_heard(p->worker->router, p->slot, p->alive_us);
		break;
	case SECURE_KEYS:
		if (!p->is_closing)
			take_keys(p, r);
		break;
	case SECURE_FAILED:
		fail(p, r->why);
		break;
	case SECURE_CLOSED:
		retire(p);
		break;
	}
}

/* ---- media ---- */

static void count_wrong(enum err e)
{
	if (e == ERR_DENIED)
		metric_add(&not_authentic, 1);
	else if (e == ERR_EXISTS)
		metric_add(&replays, 1);
	else
		metric_add(&malformed, 1);
}

static bool may_open(const struct rtc_peer *p)
{
	if (p->is_up && p->srtp)
		return true;
	metric_add(&early, 1);
	return false;
}

/* @param len of the plaintext, which is in the packet */
static void pass_rtp(struct rtc_peer *p, struct pkt *k, size_t len)
{
	k->len = (uint16_t)len;
	if (rtp_parse(k)) {
		metric_add(&malformed, 1);
		return;
	}
	if (p->packets_in % NOTE_EACH == 1)
		sources_note(p->worker->sources, p->slot, k->ssrc);
	if (p->tap)
		tap_in(p->tap, false, k->data, len, now_us(p));
	router_rtp(p->worker->router, p->slot, k, now_us(p));
}

static void pass_rtcp(struct rtc_peer *p, struct pkt *k, size_t len)
{
	if (len >= 8)
		sources_note(p->worker->sources, p->slot, rd32(k->data + 4));
	if (p->tap)
		tap_in(p->tap, true, k->data, len, now_us(p));
	router_rtcp(p->worker->router, p->slot, k->data, len, now_us(p));
}

static enum err open_with(struct srtp *s, bool is_rtcp, uint8_t *data, size_t *len)
{
	return is_rtcp ? srtp_open_rtcp(s, data, len) : srtp_open(s, data, len);
}

/* Shortly after a change of keys: who opens a packet in vain leaves no packet behind. */
static enum err open_changing(struct rtc_peer *p, bool is_rtcp, struct pkt *k, size_t *len)
{
	static _Thread_local uint8_t sealed[PKT_CAP];
	if (now_us(p) >= p->old_until_us) {
		srtp_free(p->old);
		p->old = NULL;
		return open_with(p->srtp, is_rtcp, k->data, len);
	}
	memcpy(sealed, k->data, k->len);
	enum err e = open_with(p->srtp, is_rtcp, k->data, len);
	if (!e)
		return OK;
	memcpy(k->data, sealed, k->len);
	*len = k->len;
	return open_with(p->old, is_rtcp, k->data, len) ? e : OK;
}

static enum err open_packet(struct rtc_peer *p, bool is_rtcp, struct pkt *k, size_t *len)
{
	return p->old ? open_changing(p, is_rtcp, k, len)
		      : open_with(p->srtp, is_rtcp, k->data, len);
}

void rtc_peer_srtp(struct rtc_peer *p, struct pkt *k)
{
	size_t len = k->len;
	if (!may_open(p))
		return;
	enum err e = open_packet(p, false, k, &len);
	if (e) {
		count_wrong(e);
		return;
	}
	p->heard_us = now_us(p); /* only the peer has the key: as good as consent */
	p->packets_in++;
	pass_rtp(p, k, len);
}

void rtc_peer_srtcp(struct rtc_peer *p, struct pkt *k)
{
	size_t len = k->len;
	if (!may_open(p))
		return;
	enum err e = open_packet(p, true, k, &len);
	if (e) {
		count_wrong(e);
		return;
	}
	p->heard_us = now_us(p);
	p->packets_in++;
	pass_rtcp(p, k, len);
}

/* Authentic media, perhaps from elsewhere. */
static void place(struct rtc_peer *p, const struct path *from, size_t wire_len)
{
	int64_t now = now_us(p);
	if (path_equal(from, &p->path)) {
		p->heard_us = now;
		return;
	}
	p->alive_us = now;
	ice_media(p->worker->ice, p->slot, from, wire_len, now - p->heard_us >= QUIET_US);
}

bool rtc_peer_try(struct rtc_peer *p, struct pkt *k, const struct path *from)
{
	static _Thread_local uint8_t sealed[PKT_CAP];
	size_t len = k->len;
	bool is_rtcp = rtp_is_rtcp(k->data);
	if (!may_open(p))
		return false;
	memcpy(sealed, k->data, len);
	if (open_packet(p, is_rtcp, k, &len)) {
		memcpy(k->data, sealed, k->len);
		return false;
	}
	p->packets_in++;
	place(p, from, k->len);
	if (is_rtcp)
		pass_rtcp(p, k, len);
	else
		pass_rtp(p, k, len);
	return true;
}

/* @return whether a packet may be so long */
static bool fits(struct rtc_peer *p, size_t len)
{
	if (len <= UDP_MAX)
		return true;
	p->too_large++;
	return false;
}

void rtc_peer_warm(const struct rtc_peer *p, unsigned hop)
{
	if (hop == 0)
		warm(p, offsetof(struct rtc_peer, look));
	else if (p->srtp)
		srtp_warm(p->srtp, hop - 1);
}

bool rtc_peer_send_rtp(struct rtc_peer *p, const struct rtp_parts *parts, bool is_video)
{
	size_t room = parts->header_len + parts->payload_len + SRTP_OVERHEAD, n = 0;
	if (!p->may_send || !p->srtp)
		return false;
	if (fits(p, room)) {
		uint8_t *out = udp_reserve(
			p->worker->udp, &p->path, is_video ? UDP_VIDEO : UDP_URGENT, room);
		n = srtp_seal_later(p->srtp, is_video ? p->worker->batch : NULL, parts, out);
		udp_commit(p->worker->udp, n);
	}
	if (!n)
		metric_add(&unsent, 1);
	else if (p->tap)
		tap_rtp_out(p->tap, parts, now_us(p));
	return n;
}

void rtc_peer_forget_ssrc(struct rtc_peer *p, uint32_t ssrc)
{
	if (p->srtp)
		srtp_forget(p->srtp, ssrc);
}

void rtc_peer_send_rtcp(struct rtc_peer *p, const uint8_t *data, size_t len)
{
	size_t n = 0;
	if (!p->may_send || !p->srtp)
		return;
	if (fits(p, len + SRTP_OVERHEAD)) {
		uint8_t *out =
			udp_reserve(p->worker->udp, &p->path, UDP_URGENT, len + SRTP_OVERHEAD);
		n = srtp_seal_rtcp(p->srtp, data, len, out);
		udp_commit(p->worker->udp, n);
	}
	if (!n)
		metric_add(&unsent, 1);
	else if (p->tap)
		tap_rtcp_out(p->tap, data, len, now_us(p));
}

/* ---- statistics ---- */

static void fill_stats(const struct rtc_peer *p, struct peer_stats *s)
{
	s->connected = p->is_up;
	s->dtls_server = p->dtls_role == DTLS_SERVER;
	s->dtls_connected = p->dtls_us != 0;
	s->srtp_profile = p->profile;
	s->local = p->path.local;
	s->remote = p->path.remote;
	s->opened_us = p->opened_us;
	s->ice_connected_us = p->ice_us;
	s->dtls_started_us = p->dtls_started_us;
	s->dtls_connected_us = p->dtls_us;
	s->is_described = p->is_described;
	s->is_proven = ice_is_proven(p->worker->ice, p->slot);
	s->failure = p->has_failed ? p->why : 0;
	s->failed_us = p->failed_us;
	s->dtls_in.packets = p->dtls_in.packets;
	s->dtls_in.bytes = p->dtls_in.bytes;
	s->dtls_out.packets = p->dtls_out.packets;
	s->dtls_out.bytes = p->dtls_out.bytes;
	s->dtls_repeats = p->dtls_repeats;
	s->n_queued = p->n_held;
	s->too_large = p->too_large;
	peer_why(p, &s->why);
}

void rtc_peer_stats(struct rtc_peer *p, uint64_t cookie)
{
	static _Thread_local struct track_stats tracks[CARDEA_MEDIA_MAX]; /* too much for a stack */
	static _Thread_local struct report r;
	unsigned n = router_stats(p->worker->router, p->slot, tracks, CARDEA_MEDIA_MAX), at = 0;
	peer_why_tracks(p, tracks, n);
	do {
		fill_report(p, REP_STATS, &r);
		struct peer_stats *s = &r.stats;
		s->cookie = cookie;
		fill_stats(p, s);
		s->n_tracks = n - at < STATS_TRACKS ? n - at : STATS_TRACKS;
		memcpy(s->tracks, tracks + at, s->n_tracks * sizeof(*tracks));
		at += s->n_tracks;
		s->last = at == n;
		if (queue_push(p->worker->reports, &r, report_len(REP_STATS))) {
			metric_add(&reports_late, 1); /* statistics may be asked for again */
			return;
		}
	} while (at < n);
}

void rtc_peer_metrics(void)
{
	struct metric *all[] = { &peers_now, &connected, &not_authentic, &replays, &malformed,
		&early, &unsent, &reports_late };
	for (unsigned i = 0; i < sizeof(all) / sizeof(*all); i++)
		metric_register(all[i]);
}
