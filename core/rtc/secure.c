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
#include "channels.h"
#include "dtls_record.h"
#include "secure.h"

#define PEER_PENDING 128  /* datagrams of one peer that may wait for the thread */
#define ALL_PENDING  8192 /* of all peers together */
#define OUTBOX_BYTES (32u << 20)
#define STUCK_US     200000
#define HEARD_US     US_PER_S

static struct metric handshakes = { .name = "cardea_dtls_handshakes_total",
	.help = "DTLS handshakes completed" };
static struct metric failures = { .name = "cardea_dtls_failures_total",
	.help = "DTLS handshakes that failed or timed out" };
static struct metric unsettled = { .name = "cardea_dtls_unsettled_total",
	.help = "DTLS associations that keep their TLS object, for want of AES-GCM" };
static struct metric overload = { .name = "cardea_dtls_overload_drops",
	.help = "DTLS datagrams dropped because too many waited" };

static struct metric unheard = { .name = "cardea_data_unheard_drops",
	.help = "Messages of data channels dropped because control did not read" };

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

/* What control has to say of a peer's data channels. */
struct data_order {
	uint64_t peer;
	struct data_msg *msg; /* to be sent, one reference; NULL: … */
	size_t consumed;      /* … so much has been dealt with */
};

/* The association of one peer. */
struct assoc {
	struct secure *s;
	uint64_t peer;
	unsigned worker;
	struct secure_peer what;
	struct dtls *dtls;      /* NULL: nothing was said yet, or all was */
	bool began, is_done;    /* a path is there; the worker has keys or a failure */
	bool is_up, is_trusted; /* the handshake is done; with the certificate that we were told */
	struct channels *channels; /* NULL: no data channels */
	int64_t deadline_us;
	int64_t heard_us; /* when the worker was last told that the peer is there */
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
	struct queue *requests, *outbox;
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

/* The channels say a last word by DTLS. */
static void forget_dtls(struct assoc *a)
{
	channels_destroy(a->channels);
	a->channels = NULL;
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

/* ---- data channels ---- */

static void send_data(void *arg, const uint8_t *packet, size_t len)
{
	struct assoc *a = arg;
	dtls_send(a->dtls, packet, len);
}

static void tell_data(void *arg, struct data_event *e)
{
	struct assoc *a = arg;
	if (!queue_push(a->s->conf.data, e, sizeof(*e)))
		return;
	metric_add(&unheard, 1);
	if (e->type == DATA_MESSAGE) {
		channels_consumed(a->channels, data_msg_cost(e->msg));
		data_msg_drop(e->msg);
	}
}

static void on_data(void *arg, const uint8_t *data, size_t len)
{
	struct assoc *a = arg;
	if (a->channels)
		channels_input(a->channels, data, len);
}

static struct sctp *find_sctp(void *arg, uint64_t peer)
{
	const struct secure *s = arg;
	const struct assoc *a = s->by_slot[ID_SLOT(peer)];
	return a && a->peer == peer && a->channels ? channels_sctp(a->channels) : NULL;
}

static void start_channels(struct assoc *a)
{
	static const struct channels_ops ops = { send_data, tell_data };
	const struct channels_conf conf = { .id = a->peer,
		.port = a->what.sctp_port,
		.max = a->what.sctp_max,
		.mtu = (unsigned)a->s->conf.mtu - DTLS_RECORD_OVERHEAD,
		.is_dtls_server = a->what.role != 0 };
	if (!a->is_trusted || !a->dtls || a->channels || !a->what.sctp_port)
		return;
	if (!channels_create(&a->channels, &conf, &ops, a))
		channels_begin(a->channels);
}

static void on_order(void *arg, const void *rec, size_t len)
{
	struct secure *s = arg;
	const struct data_order *o = rec;
	struct assoc *a = s->by_slot[ID_SLOT(o->peer)];
	bool is_there = a && a->peer == o->peer && a->channels;
	(void)len;
	OWNED_BY(s->owner);
	if (!is_there)
		data_msg_drop(o->msg);
	else if (o->msg)
		channels_send(a->channels, o->msg);
	else
		channels_consumed(a->channels, o->consumed);
}

static void drop_order(void *arg, const void *rec, size_t len)
{
	const struct data_order *o = rec;
	(void)arg;
	(void)len;
	data_msg_drop(o->msg);
}

/* ---- handshakes ---- */

static void reject(struct assoc *a, const char *why)
{
	log_warn("dtls", a->peer, why, "role=%u", a->what.role);
	dtls_close(a->dtls);
	fail(a, FAIL_DTLS_ERROR);
}

/* The handshake is done; the peer is whom its SDP said as soon as we have seen it. Who wants data
 * channels alone may do without SRTP. */
static void judge(struct assoc *a)
{
	struct secure_reply r = { .type = SECURE_KEYS };
	if (a->is_done || !a->is_up || !a->what.fingerprint_len)
		return;
	if (!dtls_peer_is(a->dtls, a->what.fingerprint, a->what.fingerprint_len)) {
		reject(a, "certificate does not match the fingerprint");
		return;
	}
	if (!dtls_keys(a->dtls, &r.up.keys) && !a->what.sctp_port) {
		reject(a, "no SRTP profile in common");
		return;
	}
	a->is_done = a->is_trusted = true;
	r.up.is_server = a->what.role != 0;
	metric_add(&handshakes, 1);
	reply(a, &r, offsetof(struct secure_reply, up) + sizeof(r.up));
	explicit_bzero(&r.up, sizeof(r.up));
	if (dtls_settle(a->dtls)) /* a cipher without AES-GCM: rare, and no reason to refuse it */
		metric_add(&unsettled, 1);
	start_channels(a);
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
	static const struct dtls_ops ops = { send_datagram, on_data };
	if (!a->dtls && dtls_create(&a->dtls, a->s->ctx, a->what.role != 0, &ops, a))
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
	if (a->is_trusted)
		start_channels(a);
	else if (a->dtls)
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

/* An authentic record is a sign of life; all that the worker needs is to hear of it now and then. */
static void tell_heard(struct assoc *a)
{
	struct secure_reply r = { .type = SECURE_HEARD };
	int64_t now = clock_now_us();
	if (!a->dtls || !dtls_heard(a->dtls) || !a->is_trusted || now - a->heard_us < HEARD_US)
		return;
	a->heard_us = now;
	reply(a, &r, offsetof(struct secure_reply, data));
}

static void on_input(struct assoc *a, const struct request *q)
{
	if ((a->is_done && !a->dtls) || !make_dtls(a))
		return;
	act_on(a, dtls_input(a->dtls, q->data, q->len));
	tell_heard(a);
}

static void on_close(struct secure *s, struct assoc *a, bool silent)
{
	struct secure_reply r = { .type = SECURE_CLOSED };
	channels_destroy(a->channels);
	a->channels = NULL;
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
	s->outbox = queue_create("data orders", OUTBOX_BYTES);
	s->by_slot = calloc(conf->max_peers, sizeof(*s->by_slot));
	s->known = calloc(conf->max_peers, sizeof(*s->known));
	s->pending = calloc(conf->max_peers, sizeof(*s->pending));
	s->replies = calloc(conf->workers, sizeof(*s->replies));
	if (!s->loop || !s->requests || !s->outbox || !s->by_slot || !s->known || !s->pending ||
		!s->replies)
		goto failed;
	for (unsigned w = 0; w < conf->workers; w++)
		if (!(s->replies[w] = queue_create("secure replies", room)))
			goto failed;
	if ((e = queue_attach(s->requests, s->loop, on_request, s)) ||
		(e = queue_attach(s->outbox, s->loop, on_order, s)) ||
		(e = sctp_start(s->loop, find_sctp, s)))
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
			s->by_slot[i] = NULL;
		}
	if (s->outbox)
		queue_drain(s->outbox, drop_order, NULL);
	sctp_stop();
	queue_destroy(s->outbox); /* attached to the loop, as the next: before it */
	queue_destroy(s->requests);
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

enum err secure_data_send(struct secure *s, uint64_t peer, struct data_msg *m)
{
	const struct data_order o = { .peer = peer, .msg = m };
	return queue_push(s->outbox, &o, sizeof(o));
}

enum err secure_data_consumed(struct secure *s, uint64_t peer, size_t cost)
{
	const struct data_order o = { .peer = peer, .consumed = cost };
	return queue_push(s->outbox, &o, sizeof(o));
}

void secure_metrics(void)
{
	metric_register(&unheard);
	metric_register(&handshakes);
	metric_register(&failures);
	metric_register(&unsettled);
	metric_register(&overload);
}
