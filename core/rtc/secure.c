/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE /* explicit_bzero */
#endif
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include "../base/clock.h"
#include "../base/id.h"
#include "../base/log.h"
#include "../base/loop.h"
#include "../base/metric.h"
#include "../base/thread.h"
#include "../base/watchdog.h"
#include "secure.h"

#define PEER_PENDING 32   /* datagrams of one peer that may wait for the thread */
#define ALL_PENDING  8192 /* of all peers together */
#define STUCK_US     200000

static struct metric handshakes = { .name = "cardea_dtls_handshakes_total",
	.help = "DTLS handshakes completed" };
static struct metric failures = { .name = "cardea_dtls_failures_total",
	.help = "DTLS handshakes that failed or timed out" };
static struct metric unsettled = { .name = "cardea_dtls_unsettled_total",
	.help = "DTLS associations that keep their TLS object, for want of AES-GCM" };
static struct metric overload = { .name = "cardea_dtls_overload_drops",
	.help = "DTLS datagrams dropped because too many waited" };

enum request_type { REQ_OPEN = 1, REQ_BEGIN, REQ_INPUT, REQ_CLOSE };
struct request {
	uint32_t type;
	uint16_t worker, len;
	uint64_t peer;
	union {
		struct secure_peer what;
		uint8_t silent;
		uint8_t data[SECURE_DATAGRAM];
	};
};

/* The association of one peer. */
struct assoc {
	struct secure *s;
	uint64_t peer;
	unsigned worker;
	struct secure_peer what;
	struct dtls *dtls;   /* NULL: nothing was said yet, or all was */
	bool began, is_done; /* a path is there; the worker has keys or a failure */
	bool is_up;
	int64_t deadline_us;
	struct wheel_timer timer;
};
/* What the thread shall know of a peer. Its first description waits here, on the worker, for the
 * first thing to do: a wake-up less for each peer, and none for those that never come. */
struct known {
	uint64_t peer;
	struct secure_peer what;
	bool was_told;
};
struct secure {
	struct secure_conf conf;
	struct dtls_ctx *ctx;
	struct loop *loop;
	struct queue *requests;
	struct queue **replies; /* by worker */
	struct assoc **by_slot;
	struct known *known;       /* by slot; each of its peer's worker */
	_Atomic uint16_t *pending; /* by slot: datagrams in the queue */
	_Atomic unsigned all_pending;
	pthread_t thread;
	bool is_running;
	struct owner owner;
};

static void reply(struct assoc *a, struct secure_reply *r, size_t len)
{
	r->peer = a->peer;
	if (queue_push(a->s->replies[a->worker], r, len))
		log_error("dtls", a->peer, "a worker does not read", "type=%u", r->type);
}

static void send_datagram(void *arg, const uint8_t *data, size_t len)
{
	struct assoc *a = arg;
	struct secure_reply r = { .type = SECURE_SEND, .len = (uint32_t)len };
	if (len > sizeof(r.data))
		return;
	memcpy(r.data, data, len);
	reply(a, &r, offsetof(struct secure_reply, data) + len);
}

static void forget_dtls(struct assoc *a)
{
	wheel_cancel(loop_wheel(a->s->loop), &a->timer);
	dtls_destroy(a->dtls);
	a->dtls = NULL;
}

static void fail(struct assoc *a, enum failure why)
{
	struct secure_reply r = { .type = SECURE_FAILED, .why = (uint8_t)why };
	metric_add(&failures, !a->is_up);
	a->is_done = true;
	forget_dtls(a);
	reply(a, &r, offsetof(struct secure_reply, why) + sizeof(r.why));
}

/* The handshake is done; the peer is whom its SDP said as soon as we have seen it. */
static void judge(struct assoc *a)
{
	struct secure_reply r = { .type = SECURE_KEYS };
	if (a->is_done || !a->is_up || !a->what.fingerprint_len)
		return;
	if (!dtls_peer_is(a->dtls, a->what.fingerprint, a->what.fingerprint_len)) {
		log_warn("dtls", a->peer, "certificate does not match the fingerprint", "role=%u",
			a->what.role);
		dtls_close(a->dtls);
		fail(a, FAIL_DTLS_ERROR);
		return;
	}
	if (!dtls_keys(a->dtls, &r.up.keys)) {
		log_warn("dtls", a->peer, "no SRTP profile in common", "role=%u", a->what.role);
		dtls_close(a->dtls);
		fail(a, FAIL_DTLS_ERROR);
		return;
	}
	a->is_done = true;
	r.up.is_server = a->what.role != 0;
	metric_add(&handshakes, 1);
	reply(a, &r, offsetof(struct secure_reply, up) + sizeof(r.up));
	explicit_bzero(&r.up, sizeof(r.up));
	if (dtls_settle(a->dtls)) /* a cipher without AES-GCM: rare, and no reason to refuse it */
		metric_add(&unsettled, 1);
}

static void arm(struct assoc *a)
{
	struct wheel *w = loop_wheel(a->s->loop);
	int64_t at = a->deadline_us;
	if (a->is_up || !a->began) {
		wheel_cancel(w, &a->timer);
		return;
	}
	if (a->dtls) {
		int64_t due = dtls_due_us(a->dtls), now = clock_now_us();
		if (due >= 0 && now + due < at)
			at = now + due;
	}
	wheel_set(w, &a->timer, at);
}

static void act_on(struct assoc *a, enum dtls_state st)
{
	switch (st) {
	case DTLS_SHAKING:
		break;
	case DTLS_UP:
		a->is_up = true;
		judge(a);
		break;
	case DTLS_ALERT:
		fail(a, FAIL_DTLS_ALERT);
		return;
	case DTLS_BROKEN:
		fail(a, FAIL_DTLS_ERROR);
		return;
	}
	arm(a);
}

static void on_timer(void *arg)
{
	struct assoc *a = arg;
	if (loop_now(a->s->loop) >= a->deadline_us)
		fail(a, FAIL_DTLS_TIMEOUT);
	else if (a->dtls)
		act_on(a, dtls_tick(a->dtls));
	else
		arm(a);
}

static bool make_dtls(struct assoc *a)
{
	if (!a->dtls && dtls_create(&a->dtls, a->s->ctx, a->what.role != 0, send_datagram, a))
		fail(a, FAIL_FULL);
	return a->dtls;
}

/* Speak first if that is our part. A peer that speaks while the roles are open has taken the
 * client's. */
static void start(struct assoc *a)
{
	if (a->began && !a->is_done && a->what.role == 0 && !a->dtls && make_dtls(a))
		act_on(a, dtls_start(a->dtls));
}

static void on_open(struct secure *s, const struct request *q)
{
	struct assoc **at = &s->by_slot[ID_SLOT(q->peer)], *a = *at;
	if (a && a->peer != q->peer)
		return;
	if (!a) {
		a = calloc(1, sizeof(*a));
		if (!a)
			return; /* nothing will answer, and the worker's own time-out says so */
		a->s = s;
		a->peer = q->peer;
		a->worker = q->worker;
		a->timer.fn = on_timer;
		a->timer.arg = a;
		a->deadline_us = INT64_MAX;
		*at = a;
	}
	a->what = q->what;
	if (a->dtls)
		judge(a);
	else
		start(a);
}

static void on_begin(struct assoc *a)
{
	if (a->began || a->is_done)
		return;
	a->began = true;
	a->deadline_us = loop_now(a->s->loop) + a->s->conf.dtls_timeout_us;
	arm(a);
	start(a);
}

static void on_input(struct assoc *a, const struct request *q)
{
	if ((a->is_done && !a->dtls) || !make_dtls(a))
		return;
	act_on(a, dtls_input(a->dtls, q->data, q->len));
}

static void on_close(struct secure *s, struct assoc *a, bool silent)
{
	struct secure_reply r = { .type = SECURE_CLOSED };
	if (a->dtls && !silent)
		dtls_close(a->dtls);
	forget_dtls(a);
	reply(a, &r, offsetof(struct secure_reply, data));
	s->by_slot[ID_SLOT(a->peer)] = NULL;
	free(a);
}

static void on_request(void *arg, const void *rec, size_t len)
{
	struct secure *s = arg;
	const struct request *q = rec;
	struct assoc *a = s->by_slot[ID_SLOT(q->peer)];
	(void)len;
	OWNED_BY(s->owner);
	if (q->type == REQ_INPUT) {
		atomic_fetch_sub_explicit(&s->pending[ID_SLOT(q->peer)], 1, memory_order_relaxed);
		atomic_fetch_sub_explicit(&s->all_pending, 1, memory_order_relaxed);
	}
	if (q->type == REQ_OPEN) {
		on_open(s, q);
		return;
	}
	if (!a || a->peer != q->peer) {
		struct assoc none = { .s = s, .peer = q->peer, .worker = q->worker };
		struct secure_reply r = { .type = SECURE_CLOSED };
		if (q->type == REQ_CLOSE)
			reply(&none, &r, offsetof(struct secure_reply, data));
		return;
	}
	if (q->type == REQ_BEGIN)
		on_begin(a);
	else if (q->type == REQ_INPUT)
		on_input(a, q);
	else
		on_close(s, a, q->silent);
}

static void *run(void *arg)
{
	struct secure *s = arg;
	prctl(PR_SET_NAME, "secure");
	s->owner = OWNER_HERE;
	watchdog_add("secure", s->loop, STUCK_US);
	loop_run(s->loop);
	watchdog_del(s->loop);
	return NULL;
}

/* ---- any thread ---- */

enum err secure_start(struct secure **out, const struct secure_conf *conf, char *why)
{
	struct secure *s = calloc(1, sizeof(*s));
	enum err e;
	strcpy(why, "out of memory");
	if (!s)
		return ERR_FULL;
	s->conf = *conf;
	e = dtls_ctx_create(
		&s->ctx, conf->cert_pem, conf->cert_key, conf->cert_pwd, conf->rsa, conf->mtu, why);
	if (e)
		goto failed;
	/* Datagrams are bounded by ALL_PENDING, so what comes on top always finds room. */
	size_t room = (size_t)ALL_PENDING * sizeof(struct request) + (size_t)conf->max_peers * 1024;
	e = ERR_FULL;
	s->loop = loop_create("secure");
	s->requests = queue_create("secure requests", room);
	s->by_slot = calloc(conf->max_peers, sizeof(*s->by_slot));
	s->known = calloc(conf->max_peers, sizeof(*s->known));
	s->pending = calloc(conf->max_peers, sizeof(*s->pending));
	s->replies = calloc(conf->workers, sizeof(*s->replies));
	if (!s->loop || !s->requests || !s->by_slot || !s->known || !s->pending || !s->replies)
		goto failed;
	for (unsigned w = 0; w < conf->workers; w++)
		if (!(s->replies[w] = queue_create("secure replies", room)))
			goto failed;
	if ((e = queue_attach(s->requests, s->loop, on_request, s)))
		goto failed;
	if (pthread_create(&s->thread, NULL, run, s)) {
		e = ERR_IO;
		goto failed;
	}
	s->is_running = true;
	*out = s;
	return OK;
failed:
	secure_stop(s);
	return e;
}

void secure_stop(struct secure *s)
{
	if (!s)
		return;
	if (s->is_running) {
		loop_stop(s->loop);
		pthread_join(s->thread, NULL);
	}
	for (unsigned i = 0; s->by_slot && i < s->conf.max_peers; i++)
		if (s->by_slot[i]) {
			forget_dtls(s->by_slot[i]);
			free(s->by_slot[i]);
		}
	queue_destroy(s->requests); /* attached to the loop: before it */
	loop_destroy(s->loop);
	for (unsigned w = 0; s->replies && w < s->conf.workers; w++)
		queue_destroy(s->replies[w]);
	dtls_ctx_destroy(s->ctx);
	free(s->replies);
	free(s->by_slot);
	free(s->known);
	free((void *)s->pending);
	free(s);
}

const char *secure_fingerprint(const struct secure *s)
{
	return dtls_fingerprint(s->ctx);
}

struct queue *secure_replies(struct secure *s, unsigned worker)
{
	return s->replies[worker];
}

static enum err ask(struct secure *s, struct request *q, unsigned worker, uint64_t peer, size_t len)
{
	q->worker = (uint16_t)worker;
	q->peer = peer;
	return queue_push(s->requests, q, len);
}

static enum err tell(struct secure *s, unsigned worker, struct known *k)
{
	struct request q = { .type = REQ_OPEN, .what = k->what };
	enum err e = ask(s, &q, worker, k->peer, offsetof(struct request, what) + sizeof(q.what));
	k->was_told |= !e;
	return e;
}

static enum err tell_once(struct secure *s, unsigned worker, uint64_t peer)
{
	struct known *k = &s->known[ID_SLOT(peer)];
	return k->peer == peer && !k->was_told ? tell(s, worker, k) : OK;
}

enum err secure_open(
	struct secure *s, unsigned worker, uint64_t peer, const struct secure_peer *what)
{
	struct known *k = &s->known[ID_SLOT(peer)];
	if (k->peer != peer)
		*k = (struct known){ .peer = peer };
	k->what = *what;
	return k->was_told ? tell(s, worker, k) : OK;
}

enum err secure_begin(struct secure *s, unsigned worker, uint64_t peer)
{
	struct request q = { .type = REQ_BEGIN };
	enum err e = tell_once(s, worker, peer);
	return e ? e : ask(s, &q, worker, peer, offsetof(struct request, data));
}

enum err secure_input(
	struct secure *s, unsigned worker, uint64_t peer, const uint8_t *data, size_t len)
{
	struct request q;
	_Atomic uint16_t *pending = &s->pending[ID_SLOT(peer)];
	if (len > sizeof(q.data))
		return ERR_INVALID;
	if (atomic_load_explicit(pending, memory_order_relaxed) >= PEER_PENDING ||
		atomic_load_explicit(&s->all_pending, memory_order_relaxed) >= ALL_PENDING) {
		metric_add(&overload, 1);
		return ERR_FULL;
	}
	enum err e = tell_once(s, worker, peer);
	if (e)
		return e;
	q.type = REQ_INPUT;
	q.len = (uint16_t)len;
	memcpy(q.data, data, len);
	atomic_fetch_add_explicit(pending, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&s->all_pending, 1, memory_order_relaxed);
	e = ask(s, &q, worker, peer, offsetof(struct request, data) + len);
	if (e) {
		atomic_fetch_sub_explicit(pending, 1, memory_order_relaxed);
		atomic_fetch_sub_explicit(&s->all_pending, 1, memory_order_relaxed);
	}
	return e;
}

enum err secure_close(struct secure *s, unsigned worker, uint64_t peer, bool silent)
{
	struct request q = { .type = REQ_CLOSE, .silent = silent };
	return ask(s, &q, worker, peer, offsetof(struct request, silent) + sizeof(q.silent));
}

void secure_metrics(void)
{
	metric_register(&handshakes);
	metric_register(&failures);
	metric_register(&unsettled);
	metric_register(&overload);
}
