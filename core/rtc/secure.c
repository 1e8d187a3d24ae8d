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
#include "outlet.h"
#include "secure.h"

/* Datagrams that may wait for the thread: of one peer at most, of all peers together, and of one peer
 * whatever the others do. In between nobody takes more than an eighth of what is left: one flood
 * gets 128, a thousand get 8 each (8192 = 1000 * 8 + 8 * 24), and whoever comes then gets 8, too. */
#define PEER_PENDING 128
#define ALL_PENDING  8192
#define PEER_SURE    4
#define SHARE        8
#define PEER_OPENS   4 /* descriptions of one peer that may wait */
#define AGAIN_US     200000 /* a client begins anew after a handshake that broke; doubled each time … */
#define AGAIN_MAX    5      /* … so often */
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

static struct metric broken = { .name = "cardea_dtls_broken_total",
	.help = "DTLS handshakes begun anew after something that did not fit" };
static struct metric renewals = { .name = "cardea_dtls_renewals_total",
	.help = "DTLS associations that a new certificate has brought" };

enum request_type { REQ_OPEN = 1, REQ_BEGIN, REQ_INPUT, REQ_PROVEN, REQ_CLOSE };
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

/* The association of one peer. With a new certificate comes another (RFC 8842, section 4): the old one
 * stays in use until the new one is trusted. */
struct assoc {
	struct secure *s;
	uint64_t peer;
	unsigned worker;
	struct secure_peer what;
	struct dtls *dtls;       /* NULL: nothing was said yet, or all was */
	struct dtls *next;       /* the one in its handshake, behind another that is trusted */
	bool began, is_proven;   /* a path is there; it is the peer's */
	bool is_done;            /* no handshake is wanted: the worker has keys or a failure */
	bool is_up;              /* the handshake is done, the verdict is not */
	bool is_trusted;         /* dtls is with a certificate that we were told, … */
	struct identity identity; /* … which is this */
	bool is_server;           /* there */
	bool is_next_talking;
	bool heard_alert; /* in the clear, in a handshake that broke */
	uint8_t n_broken;
	struct channels *channels; /* NULL: no data channels */
	int64_t deadline_us, again_us;
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
	struct queue **replies;  /* by worker */
	struct outlet *outlets;  /* by worker, into these */
	struct outlet data;      /* to control */
	struct assoc **by_slot;
	struct known *known;       /* by slot; each of its peer's worker */
	_Atomic uint16_t *pending; /* by slot: datagrams in the queue */
	_Atomic unsigned all_pending;
	_Atomic uint8_t *opens; /* by slot: descriptions in the queue */
	pthread_t thread;
	bool is_running;
	struct owner owner;
};

/* News of an association is never lost, or its peer would wait for ever. */
static void reply(struct secure *s, unsigned worker, uint64_t peer, struct secure_reply *r, size_t len)
{
	r->peer = peer;
	outlet_push(&s->outlets[worker], r, len);
}

static void reply_closed(struct secure *s, unsigned worker, uint64_t peer)
{
	struct secure_reply r = { .type = SECURE_CLOSED };
	reply(s, worker, peer, &r, offsetof(struct secure_reply, data));
}

static void send_datagram(void *arg, const uint8_t *data, size_t len)
{
	struct assoc *a = arg;
	struct secure_reply r = { .type = SECURE_SEND, .len = (uint32_t)len, .peer = a->peer };
	if (len > sizeof(r.data))
		return;
	memcpy(r.data, data, len);
	/* DTLS and SCTP repeat what is lost */
	if (!outlet_try(&a->s->outlets[a->worker], &r, offsetof(struct secure_reply, data) + len))
		metric_add(&overload, 1);
}

/* The channels say a last word by DTLS. */
static void forget_dtls(struct assoc *a)
{
	channels_destroy(a->channels);
	a->channels = NULL;
	wheel_cancel(loop_wheel(a->s->loop), &a->timer);
	dtls_destroy(a->dtls);
	dtls_destroy(a->next);
	a->dtls = a->next = NULL;
}

static void fail(struct assoc *a, enum failure why)
{
	struct secure_reply r = { .type = SECURE_FAILED, .why = (uint8_t)why };
	metric_add(&failures, !a->is_done && !a->is_up);
	a->is_done = true;
	a->is_trusted = false;
	forget_dtls(a);
	reply(a->s, a->worker, a->peer, &r, offsetof(struct secure_reply, why) + sizeof(r.why));
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
	outlet_push(&a->s->data, e, sizeof(*e));
}

static void on_data(void *arg, const uint8_t *data, size_t len)
{
	struct assoc *a = arg;
	if (a->channels && !a->is_next_talking)
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
		.is_dtls_server = a->is_server };
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

static void drop_event(void *arg, const void *rec, size_t len)
{
	const struct data_event *e = rec;
	(void)arg;
	(void)len;
	if (e->type == DATA_MESSAGE || e->type == DATA_REFUSED)
		data_msg_drop(e->msg);
}

/* ---- handshakes ---- */

/* The one in its handshake. */
static struct dtls **shaking(struct assoc *a)
{
	return a->is_trusted ? &a->next : &a->dtls;
}

static void reject(struct assoc *a, const char *why)
{
	log_warn("dtls", a->peer, why, "role=%u", a->what.role);
	dtls_close(*shaking(a));
	fail(a, FAIL_DTLS_ERROR);
}

/* The new one takes over. The channels of the old one end with it; the peer has let go of it, too. */
static void replace(struct assoc *a)
{
	channels_destroy(a->channels);
	if (a->channels)
		tell_data(a, &(struct data_event){ .type = DATA_DOWN, .peer = a->peer });
	a->channels = NULL;
	dtls_destroy(a->dtls);
	a->dtls = a->next;
	a->next = NULL;
	metric_add(&renewals, 1);
}

static void trust(struct assoc *a, const struct identity *id, struct secure_reply *keys)
{
	if (a->is_trusted)
		replace(a);
	a->is_done = a->is_trusted = true;
	a->is_up = false;
	a->identity = *id;
	a->is_server = a->what.role != 0;
	keys->up.is_server = a->is_server;
	metric_add(&handshakes, 1);
	reply(a->s, a->worker, a->peer, keys, offsetof(struct secure_reply, up) + sizeof(keys->up));
	if (dtls_settle(a->dtls)) /* a cipher without AES-GCM: rare, and no reason to refuse it */
		metric_add(&unsettled, 1);
	start_channels(a);
}

/* The handshake is done; the peer is whom its SDP said as soon as we have seen it. Who wants data
 * channels alone may do without SRTP. */
static void judge(struct assoc *a)
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
	struct wheel *w = loop_wheel(a->s->loop);
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
	} else if (a->what.role == 0 && a->again_us < at) {
		at = a->again_us;
	}
	wheel_set(w, &a->timer, at);
}

/* Something did not fit. Nobody says that it was the peer's: the next handshake may go better, and time
 * runs on. */
static void begin_anew(struct assoc *a)
{
	struct dtls **d = shaking(a);
	a->heard_alert |= dtls_heard_alert(*d);
	dtls_destroy(*d);
	*d = NULL;
	a->again_us = loop_now(a->s->loop) + ((int64_t)AGAIN_US << a->n_broken);
	a->n_broken += a->n_broken < AGAIN_MAX;
	metric_add(&broken, 1);
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
		judge(a);
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
	if (!a->is_done)
		arm(a);
}

static bool make_dtls(struct assoc *a)
{
	static const struct dtls_ops ops = { send_datagram, on_data };
	struct dtls **d = shaking(a);
	if (!*d && dtls_create(d, a->s->ctx, a->what.role != 0, &ops, a))
		fail(a, FAIL_FULL);
	else if (a->is_proven)
		dtls_prove(*d);
	return *d;
}

/* Speak first if that is our part. A peer that speaks while the roles are open has taken the
 * client's. */
static void start(struct assoc *a)
{
	if (a->began && !a->is_done && a->what.role == 0 && !*shaking(a) && make_dtls(a))
		act_on(a, dtls_start(*shaking(a)));
}

static enum failure late(struct assoc *a)
{
	struct dtls *d = *shaking(a);
	if (a->heard_alert || (d && dtls_heard_alert(d)))
		return FAIL_DTLS_ALERT;
	return a->n_broken ? FAIL_DTLS_ERROR : FAIL_DTLS_TIMEOUT;
}

static void on_timer(void *arg)
{
	struct assoc *a = arg;
	if (loop_now(a->s->loop) >= a->deadline_us)
		fail(a, late(a));
	else if (*shaking(a))
		act_on(a, dtls_tick(*shaking(a)));
	else if (a->what.role == 0)
		start(a);
	else
		arm(a);
}

static void run_clock(struct assoc *a)
{
	a->deadline_us = loop_now(a->s->loop) + a->s->conf.dtls_timeout_us;
	arm(a);
	start(a);
}

/* A trusted peer may announce another certificate, or take that back. */
static void renew(struct assoc *a)
{
	bool is_wanted = a->what.fingerprints.n && !identity_is(&a->identity, &a->what.fingerprints);
	if (is_wanted != a->is_done) {
		if (a->is_up)
			judge(a);
		return;
	}
	a->is_done = !is_wanted;
	a->is_up = a->heard_alert = false;
	a->n_broken = 0;
	dtls_destroy(a->next);
	a->next = NULL;
	if (is_wanted && a->began)
		run_clock(a);
	else
		arm(a);
}

static struct assoc *make_assoc(struct secure *s, const struct request *q)
{
	struct assoc *a = calloc(1, sizeof(*a));
	if (!a)
		return NULL; /* nothing will answer, and the worker's own time-out says so */
	a->s = s;
	a->peer = q->peer;
	a->worker = q->worker;
	a->timer.fn = on_timer;
	a->timer.arg = a;
	a->deadline_us = INT64_MAX;
	return s->by_slot[ID_SLOT(q->peer)] = a;
}

static void free_assoc(struct assoc *a)
{
	forget_dtls(a);
	a->s->by_slot[ID_SLOT(a->peer)] = NULL;
	free(a);
}

static void on_open(struct secure *s, const struct request *q)
{
	struct assoc *a = s->by_slot[ID_SLOT(q->peer)];
	if (a && a->peer != q->peer) { /* its worker could not say goodbye */
		free_assoc(a);
		a = NULL;
	}
	if (!a)
		a = make_assoc(s, q);
	if (!a)
		return;
	a->what = q->what;
	if (a->is_trusted) {
		renew(a);
		start_channels(a);
	} else if (a->dtls) {
		judge(a);
	} else {
		start(a);
	}
}

static void on_begin(struct assoc *a)
{
	if (a->began)
		return;
	a->began = true;
	if (!a->is_done)
		run_clock(a);
}

static void on_proven(struct assoc *a)
{
	a->is_proven = true;
	if (*shaking(a))
		dtls_prove(*shaking(a));
}

/* An authentic record is a sign of life; all that the worker needs is to hear of it now and then. */
static void tell_heard(struct assoc *a)
{
	struct secure_reply r = { .type = SECURE_HEARD };
	int64_t now = clock_now_us();
	if (!dtls_heard(a->dtls) || now - a->heard_us < HEARD_US)
		return;
	a->heard_us = now;
	reply(a->s, a->worker, a->peer, &r, offsetof(struct secure_reply, data));
}

/* The trusted one goes first: what is its own, it knows. */
static void on_input(struct assoc *a, const struct request *q)
{
	if (a->is_trusted && a->dtls) {
		enum dtls_state st = dtls_input(a->dtls, q->data, q->len);
		if (st != DTLS_UP) {
			fail(a, st == DTLS_ALERT ? FAIL_DTLS_ALERT : FAIL_DTLS_ERROR);
			return;
		}
		tell_heard(a);
	}
	if (a->is_done || !make_dtls(a))
		return;
	a->is_next_talking = a->is_trusted;
	enum dtls_state st = dtls_input(*shaking(a), q->data, q->len);
	a->is_next_talking = false;
	act_on(a, st);
}

static void on_close(struct assoc *a, bool silent)
{
	struct secure *s = a->s;
	unsigned worker = a->worker;
	uint64_t peer = a->peer;
	channels_destroy(a->channels);
	a->channels = NULL;
	if (a->dtls && !silent)
		dtls_close(a->dtls);
	free_assoc(a);
	reply_closed(s, worker, peer);
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
		atomic_fetch_sub_explicit(&s->opens[ID_SLOT(q->peer)], 1, memory_order_relaxed);
		on_open(s, q);
		return;
	}
	if (!a || a->peer != q->peer) {
		if (q->type == REQ_CLOSE)
			reply_closed(s, q->worker, q->peer);
		return;
	}
	if (q->type == REQ_BEGIN)
		on_begin(a);
	else if (q->type == REQ_INPUT)
		on_input(a, q);
	else if (q->type == REQ_PROVEN)
		on_proven(a);
	else
		on_close(a, q->silent);
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
	/* The rest is bounded for each peer, so it always finds room. */
	size_t sure = PEER_SURE * sizeof(struct request) + PEER_OPENS * 512 + 1024;
	size_t room = (size_t)ALL_PENDING * sizeof(struct request) + conf->max_peers * sure;
	e = ERR_FULL;
	s->loop = loop_create("secure");
	s->requests = queue_create("secure requests", room);
	s->outbox = queue_create("data orders", OUTBOX_BYTES);
	s->by_slot = calloc(conf->max_peers, sizeof(*s->by_slot));
	s->known = calloc(conf->max_peers, sizeof(*s->known));
	s->pending = calloc(conf->max_peers, sizeof(*s->pending));
	s->opens = calloc(conf->max_peers, sizeof(*s->opens));
	s->replies = calloc(conf->workers, sizeof(*s->replies));
	s->outlets = calloc(conf->workers, sizeof(*s->outlets));
	if (!s->loop || !s->requests || !s->outbox || !s->by_slot || !s->known || !s->pending ||
		!s->opens || !s->replies || !s->outlets)
		goto failed;
	outlet_init(&s->data, s->loop, conf->data);
	for (unsigned w = 0; w < conf->workers; w++) {
		if (!(s->replies[w] = queue_create("secure replies", room)))
			goto failed;
		outlet_init(&s->outlets[w], s->loop, s->replies[w]);
	}
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
		if (s->by_slot[i])
			free_assoc(s->by_slot[i]);
	for (unsigned w = 0; s->outlets && w < s->conf.workers; w++)
		outlet_clear(&s->outlets[w], NULL, NULL);
	outlet_clear(&s->data, drop_event, NULL);
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
	free(s->outlets);
	free(s->by_slot);
	free(s->known);
	free((void *)s->pending);
	free((void *)s->opens);
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
	_Atomic uint8_t *opens = &s->opens[ID_SLOT(k->peer)];
	if (atomic_load_explicit(opens, memory_order_relaxed) >= PEER_OPENS)
		return ERR_FULL;
	atomic_fetch_add_explicit(opens, 1, memory_order_relaxed);
	enum err e = ask(s, &q, worker, k->peer, offsetof(struct request, what) + sizeof(q.what));
	if (e)
		atomic_fetch_sub_explicit(opens, 1, memory_order_relaxed);
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

enum err secure_proven(struct secure *s, unsigned worker, uint64_t peer)
{
	struct request q = { .type = REQ_PROVEN };
	return ask(s, &q, worker, peer, offsetof(struct request, data));
}

static bool has_room(struct secure *s, uint64_t peer)
{
	unsigned mine = atomic_load_explicit(&s->pending[ID_SLOT(peer)], memory_order_relaxed);
	unsigned all = atomic_load_explicit(&s->all_pending, memory_order_relaxed);
	return mine < PEER_SURE ||
	       (mine < PEER_PENDING && all < ALL_PENDING && mine < (ALL_PENDING - all) / SHARE);
}

enum err secure_input(
	struct secure *s, unsigned worker, uint64_t peer, const uint8_t *data, size_t len)
{
	struct request q;
	_Atomic uint16_t *pending = &s->pending[ID_SLOT(peer)];
	if (len > sizeof(q.data))
		return ERR_INVALID;
	if (!has_room(s, peer)) {
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
	channels_metrics();
	metric_register(&broken);
	metric_register(&renewals);
	metric_register(&handshakes);
	metric_register(&failures);
	metric_register(&unsettled);
	metric_register(&overload);
}
