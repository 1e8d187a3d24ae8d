/* SPDX-License-Identifier: Apache-2.0 */
/* One peer on the secure thread, between its DTLS, its data channels and secure.c, the door. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE /* explicit_bzero */
#endif
#include "assoc.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "assoc_metrics.h"
#include "dtls.h"
#include "dtls_record.h"
#include "msg.h"

/* After a handshake that broke the next begins so much later, doubled each time and so often; a
 * server's at once, some times: there nothing but a ClientHello can be forged. */
#define AGAIN_US   200000
#define AGAIN_MAX  5
#define AGAIN_FREE 4
#define HEARD_US   US_PER_S

/* The association of one peer. With a new certificate comes another (RFC 8842, section 4): the old
 * one stays in use until the new one is trusted. */
struct assoc {
	const struct assoc_host *host;
	uint64_t peer;
	unsigned worker;
	struct secure_peer what;
	struct dtls *dtls;        /* NULL: nothing was exchanged yet, or all was */
	struct dtls *next;        /* the one in its handshake, behind another that is trusted */
	bool began, is_proven;    /* a path is there; it is the peer's */
	bool is_done;             /* no handshake is wanted: the worker has keys or a failure */
	bool is_up;               /* the handshake is done; the certificate is to be checked */
	bool is_trusted;          /* dtls is with a certificate that we were told, … */
	struct identity identity; /* … which is this */
	bool is_server;           /* there */
	bool is_next_talking;
	bool heard_alert; /* in the clear, in a handshake that broke */
	unsigned n_broken;
	uint32_t n_repeats;        /* of flights of ours, in all handshakes */
	struct channels *channels; /* NULL: no data channels */
	int64_t deadline_us, again_us;
	int64_t heard_us; /* when the worker was last told that the peer is there */
	struct wheel_timer timer;
};
/* A reply is never lost, or its peer would wait for ever. */
static void reply(struct assoc *a, struct secure_reply *r, size_t len)
{
	r->peer = a->peer;
	outlet_push(&a->host->replies[a->worker], r, len);
}

static void send_datagram(void *arg, const uint8_t *data, size_t len)
{
	struct assoc *a = arg;
	struct secure_reply r = { .type = SECURE_SEND, .len = (uint32_t)len, .peer = a->peer };
	if (len > sizeof(r.data))
		return;
	memcpy(r.data, data, len);
	/* DTLS and SCTP repeat what is lost */
	if (!outlet_try(
		    &a->host->replies[a->worker], &r, offsetof(struct secure_reply, data) + len))
		metric_add(&assoc_unsent, 1);
}

/* The channels still send by DTLS. */
static void forget_dtls(struct assoc *a)
{
	channels_destroy(a->channels);
	a->channels = NULL;
	wheel_cancel(loop_wheel(a->host->loop), &a->timer);
	dtls_destroy(a->dtls);
	dtls_destroy(a->next);
	a->dtls = a->next = NULL;
}

static void fail(struct assoc *a, enum failure why)
{
	struct secure_reply r = { .type = SECURE_FAILED, .why = (uint8_t)why };
	metric_add(&assoc_failures, !a->is_done && !a->is_up);
	a->is_done = true;
	a->is_trusted = false;
	forget_dtls(a);
	reply(a, &r, offsetof(struct secure_reply, why) + sizeof(r.why));
}

/* ---- data channels ---- */

static void send_data(void *arg, const uint8_t *packet, size_t len)
{
	struct assoc *a = arg;
	dtls_send(a->dtls, packet, len);
}

/* What waits for control is bounded by the windows of the peers. */
static void tell_data(void *arg, struct data_event *e)
{
	struct assoc *a = arg;
	outlet_push(a->host->data, e, sizeof(*e));
}

static void on_data(void *arg, const uint8_t *data, size_t len)
{
	struct assoc *a = arg;
	if (a->channels && !a->is_next_talking)
		channels_input(a->channels, data, len);
}

static void start_channels(struct assoc *a)
{
	static const struct channels_ops ops = { send_data, tell_data };
	const struct channels_conf conf = { .id = a->peer,
		.port = a->what.sctp_port,
		.max = a->what.sctp_max,
		.mtu = a->host->mtu - DTLS_RECORD_OVERHEAD,
		.is_dtls_server = a->is_server };
	if (!a->is_trusted || !a->dtls || a->channels || !a->what.sctp_port)
		return;
	if (!channels_create(&a->channels, &conf, &ops, a))
		channels_begin(a->channels);
}

static void end_channels(struct assoc *a)
{
	channels_destroy(a->channels);
	if (a->channels)
		tell_data(a, &(struct data_event){ .type = DATA_DOWN, .peer = a->peer });
	a->channels = NULL;
}

/* ---- handshakes ---- */

/* Only to be shown: the next time it is told in full again. */
static void note_repeats(struct assoc *a, struct dtls *d)
{
	unsigned n = dtls_repeated(d);
	struct secure_reply r = { .type = SECURE_REPEATED, .peer = a->peer };
	if (!n)
		return;
	r.repeats = a->n_repeats += n;
	outlet_try(&a->host->replies[a->worker], &r,
		offsetof(struct secure_reply, repeats) + sizeof(r.repeats));
}

/* The one in its handshake. */
static struct dtls **shaking(struct assoc *a)
{
	return a->is_trusted ? &a->next : &a->dtls;
}

static void reject(struct assoc *a, const char *why)
{
	log_warn("dtls", a->peer, why, "is_server=%d", a->what.role != DTLS_CLIENT);
	dtls_close(*shaking(a));
	fail(a, FAIL_DTLS_ERROR);
}

/* The channels of the old one end with it. */
static void drop_old(struct assoc *a)
{
	end_channels(a);
	dtls_destroy(a->dtls);
	a->dtls = NULL;
}

static void replace(struct assoc *a)
{
	drop_old(a);
	a->dtls = a->next;
	a->next = NULL;
	metric_add(&assoc_renewals, 1);
}

static void trust(struct assoc *a, const struct identity *id, struct secure_reply *keys)
{
	if (a->is_trusted)
		replace(a);
	a->is_done = a->is_trusted = true;
	a->is_up = false;
	a->identity = *id;
	wheel_cancel(loop_wheel(a->host->loop), &a->timer); /* there is no deadline any more */
	a->is_server = a->what.role != DTLS_CLIENT;
	keys->up.is_server = a->is_server;
	metric_add(&assoc_handshakes, 1);
	reply(a, keys, offsetof(struct secure_reply, up) + sizeof(keys->up));
	if (dtls_settle(a->dtls)) /* a cipher without AES-GCM: rare, and no reason to refuse it */
		metric_add(&assoc_unsettled, 1);
	start_channels(a);
}

/* The handshake is done; the peer is whom its SDP named as soon as we have seen it. Who wants data
 * channels alone may do without SRTP. */
static void check_certificate(struct assoc *a)
{
	struct secure_reply r = { .type = SECURE_KEYS };
	struct identity id;
	if (a->is_done || !a->is_up || !a->what.fingerprints.n)
		return;
	if (!dtls_identify(*shaking(a), &id) || !identity_is(&id, &a->what.fingerprints))
		reject(a, "certificate does not match the fingerprint");
	else if (!dtls_keys(*shaking(a), &r.up.keys) && !a->what.sctp_port)
		reject(a, "no SRTP profile in common");
	else
		trust(a, &id, &r);
	explicit_bzero(&r.up, sizeof(r.up));
}

static void arm(struct assoc *a)
{
	struct wheel *w = loop_wheel(a->host->loop);
	struct dtls *d = *shaking(a);
	int64_t at = a->deadline_us;
	if (a->is_done || a->is_up || !a->began) {
		wheel_cancel(w, &a->timer);
		return;
	}
	if (d) {
		int64_t due = dtls_due_us(d), now = clock_now_us();
		if (due >= 0 && now + due < at)
			at = now + due;
	} else if (a->what.role == DTLS_CLIENT && a->again_us < at) {
		at = a->again_us;
	}
	wheel_set(w, &a->timer, at);
}

/* @return microseconds until the next handshake may begin */
static int64_t pause_us(const struct assoc *a)
{
	unsigned free = a->what.role == DTLS_CLIENT ? 0 : AGAIN_FREE;
	if (a->n_broken < free)
		return 0;
	unsigned n = a->n_broken - free;
	return (int64_t)AGAIN_US << (n < AGAIN_MAX ? n : AGAIN_MAX);
}

/* Something did not fit. It need not have been the peer's: the next handshake may go better, and
 * time runs on. */
static void begin_anew(struct assoc *a)
{
	struct dtls **d = shaking(a);
	a->heard_alert |= dtls_heard_alert(*d);
	dtls_destroy(*d);
	*d = NULL;
	a->again_us = loop_now(a->host->loop) + pause_us(a);
	a->n_broken++;
	metric_add(&assoc_broken, 1);
	arm(a);
}

/* What came of the one in its handshake. */
static void act_on(struct assoc *a, enum dtls_state st)
{
	switch (st) {
	case DTLS_SHAKING:
		break;
	case DTLS_UP:
		a->is_up = true;
		check_certificate(a);
		break;
	case DTLS_ALERT:
		fail(a, FAIL_DTLS_ALERT);
		return;
	case DTLS_BROKEN:
		if (a->is_up)
			fail(a, FAIL_DTLS_ERROR);
		else
			begin_anew(a);
		return;
	}
	arm(a);
}

static bool make_dtls(struct assoc *a)
{
	static const struct dtls_ops ops = { send_datagram, on_data };
	struct dtls **d = shaking(a);
	if (*d)
		return true;
	if (loop_now(a->host->loop) < a->again_us)
		return false;
	if (dtls_create(d, a->host->ctx, a->what.role != DTLS_CLIENT, &ops, a)) {
		fail(a, FAIL_FULL);
		return false;
	}
	dtls_expect(*d, &a->what.fingerprints);
	if (a->is_proven)
		dtls_prove(*d);
	return true;
}

/* Speak first if that is our part. A peer that speaks while the roles are open has taken the
 * client's. */
static void start(struct assoc *a)
{
	if (a->began && !a->is_done && a->what.role == DTLS_CLIENT && !*shaking(a) && make_dtls(a))
		act_on(a, dtls_start(*shaking(a)));
}

static enum failure late(struct assoc *a)
{
	struct dtls *d = *shaking(a);
	if (d && dtls_saw_other(d)) {
		log_warn("dtls", a->peer, "certificate does not match the fingerprint",
			"is_server=%d", a->what.role != DTLS_CLIENT);
		return FAIL_DTLS_ERROR;
	}
	if (a->heard_alert || (d && dtls_heard_alert(d)))
		return FAIL_DTLS_ALERT;
	return a->n_broken ? FAIL_DTLS_ERROR : FAIL_DTLS_TIMEOUT;
}

static void run_out(struct assoc *a)
{
	struct dtls *d = *shaking(a);
	if (!d || !dtls_waits(d)) {
		fail(a, late(a));
		return;
	}
	a->deadline_us += a->host->timeout_us; /* it is not the peer that is late */
	arm(a);
}

static void tick(struct assoc *a, struct dtls *d)
{
	enum dtls_state st = dtls_tick(d);
	note_repeats(a, d);
	act_on(a, st);
}

static void on_timer(void *arg)
{
	struct assoc *a = arg;
	if (loop_now(a->host->loop) >= a->deadline_us)
		run_out(a);
	else if (*shaking(a))
		tick(a, *shaking(a));
	else if (a->what.role == DTLS_CLIENT)
		start(a);
	else
		arm(a);
}

static void run_clock(struct assoc *a)
{
	a->deadline_us = loop_now(a->host->loop) + a->host->timeout_us;
	arm(a);
	start(a);
}

/* The certificate that waited may be the right one. */
static void tell_expected(struct assoc *a)
{
	if (a->is_up)
		check_certificate(a);
	else
		act_on(a, dtls_expect(*shaking(a), &a->what.fingerprints));
}

/* A trusted peer may announce another certificate, or take that back. */
static void renew(struct assoc *a)
{
	bool is_wanted =
		a->what.fingerprints.n && !identity_is(&a->identity, &a->what.fingerprints);
	if (is_wanted != a->is_done) {
		if (is_wanted && a->next)
			tell_expected(a);
		return;
	}
	a->is_done = !is_wanted;
	a->is_up = a->heard_alert = false;
	a->n_broken = 0;
	a->again_us = 0;
	dtls_destroy(a->next);
	a->next = NULL;
	if (is_wanted && a->began)
		run_clock(a);
	else
		arm(a);
}

struct assoc *assoc_create(const struct assoc_host *host, uint64_t peer, unsigned worker)
{
	struct assoc *a = calloc(1, sizeof(*a));
	if (!a)
		return NULL;
	a->host = host;
	a->peer = peer;
	a->worker = worker;
	a->timer.fn = on_timer;
	a->timer.arg = a;
	a->deadline_us = INT64_MAX;
	return a;
}

void assoc_destroy(struct assoc *a)
{
	if (!a)
		return;
	forget_dtls(a);
	free(a);
}

uint64_t assoc_peer(const struct assoc *a)
{
	return a->peer;
}

struct channels *assoc_channels(const struct assoc *a)
{
	return a->channels;
}

void assoc_describe(struct assoc *a, const struct secure_peer *what)
{
	bool is_other_sctp =
		a->what.sctp_port != what->sctp_port || a->what.sctp_number != what->sctp_number;
	a->what = *what;
	if (is_other_sctp)
		end_channels(a);
	if (a->is_trusted) {
		renew(a);
		start_channels(a);
	} else if (a->dtls) {
		tell_expected(a);
	} else {
		start(a);
	}
}

void assoc_begin(struct assoc *a)
{
	if (a->began)
		return;
	a->began = true;
	if (!a->is_done)
		run_clock(a);
}

void assoc_proven(struct assoc *a)
{
	a->is_proven = true;
	if (*shaking(a))
		dtls_prove(*shaking(a));
}

/* An authentic record is a sign of life; all that the worker needs is to hear of it now and then.
 */
static void tell_heard(struct assoc *a)
{
	struct secure_reply r = { .type = SECURE_HEARD };
	int64_t now = clock_now_us();
	if (!dtls_heard(a->dtls) || now - a->heard_us < HEARD_US)
		return;
	a->heard_us = now;
	reply(a, &r, offsetof(struct secure_reply, data));
}

static void input_trusted(struct assoc *a, const uint8_t *data, size_t len)
{
	enum dtls_state st = dtls_input(a->dtls, data, len);
	note_repeats(a, a->dtls);
	if (st == DTLS_UP)
		tell_heard(a);
	else if (a->is_done)
		fail(a, st == DTLS_ALERT ? FAIL_DTLS_ALERT : FAIL_DTLS_ERROR);
	else
		drop_old(a); /* the peer has ended it before the new one is there */
}

/* The trusted one goes first: what is its own, it knows. */
void assoc_input(struct assoc *a, const uint8_t *data, size_t len)
{
	if (a->is_trusted && a->dtls)
		input_trusted(a, data, len);
	if (a->is_done || !make_dtls(a))
		return;
	a->is_next_talking = a->is_trusted;
	enum dtls_state st = dtls_input(*shaking(a), data, len);
	a->is_next_talking = false;
	act_on(a, st);
}

void assoc_close(struct assoc *a)
{
	channels_destroy(a->channels);
	a->channels = NULL;
	if (a->dtls)
		dtls_close(a->dtls);
}
