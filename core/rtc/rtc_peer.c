/* SPDX-License-Identifier: Apache-2.0 */
#include "rtc_peer.h"
#include <string.h>
#include "../base/id.h"
#include "../base/log.h"
#include "../base/metric.h"
#include "ice.h"
#include "peer_dtls.h"
#include "peer_media.h"
#include "peer_why.h"
#include "secure.h"
#include "sources.h"

#define RETRY_US    20000
#define OLD_KEYS_US 2000000

static struct metric peers_now = { .name = "cardea_rtc_peers",
	.help = "PeerConnections open on the workers" };
static struct metric connected = { .name = "cardea_rtc_connected_total",
	.help = "PeerConnections that came up" };
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
	struct metric *all[] = { &peers_now, &connected, &reports_late };
	for (unsigned i = 0; i < sizeof(all) / sizeof(*all); i++)
		metric_register(all[i]);
	peer_media_metrics();
}
