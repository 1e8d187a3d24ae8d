/* SPDX-License-Identifier: Apache-2.0 */
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
#include "assoc.h"
#include "assoc_metrics.h"
#include "dtls.h"
#include "secure.h"

/* Datagrams that may wait for the thread: of one peer at most, of all peers together, and of one
 * peer whatever the others do. In between nobody takes more than an eighth of what is left: one
 * flood gets 128, a thousand get 8 each (8192 = 1000 * 8 + 8 * 24), and whoever comes then gets 8,
 * too. */
#define PEER_PENDING 128
#define ALL_PENDING  8192
#define PEER_SURE    4
#define SHARE        8
#define PEER_OPENS   4 /* descriptions of one peer that may wait */
#define OUTBOX_BYTES (32u << 20)
#define STUCK_US     200000

static struct metric overload = { .name = "cardea_dtls_overload_drops",
	.help = "DTLS datagrams dropped because too many waited" };

enum request_type { REQ_OPEN = 1, REQ_BEGIN, REQ_INPUT, REQ_PROVEN, REQ_CLOSE };
struct secure_request {
	uint32_t type;
	uint16_t worker, len;
	uint64_t peer;
	union {
		struct secure_peer what;
		uint8_t silent;
		uint8_t data[SECURE_DATAGRAM];
	};
};

/* What control wants of a peer's data channels. */
struct data_order {
	uint64_t peer;
	struct data_msg *msg; /* to be sent, one reference; NULL: … */
	size_t consumed;      /* … so much has been dealt with */
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
	struct outlet *outlets; /* by worker, into these */
	struct outlet data;     /* to control */
	struct assoc_host host;
	struct assoc **by_slot;
	struct known *known;       /* by slot; each of its peer's worker */
	_Atomic uint16_t *pending; /* by slot: datagrams in the queue */
	_Atomic unsigned all_pending;
	_Atomic uint8_t *opens; /* by slot: descriptions in the queue */
	pthread_t thread;
	bool is_running;
	struct owner owner;
};

static void reply_closed(struct secure *s, unsigned worker, uint64_t peer)
{
	struct secure_reply r = { .type = SECURE_CLOSED, .peer = peer };
	outlet_push(&s->outlets[worker], &r, offsetof(struct secure_reply, data));
}

/* @return NULL: it is gone */
static struct assoc *find(const struct secure *s, uint64_t peer)
{
	struct assoc *a = s->by_slot[ID_SLOT(peer)];
	return a && assoc_peer(a) == peer ? a : NULL;
}

/* ---- data channels ---- */

static struct sctp *find_sctp(void *arg, uint64_t peer)
{
	const struct assoc *a = find(arg, peer);
	return a && assoc_channels(a) ? channels_sctp(assoc_channels(a)) : NULL;
}

static void on_order(void *arg, const void *rec, size_t len)
{
	struct secure *s = arg;
	const struct data_order *o = rec;
	const struct assoc *a = find(s, o->peer);
	struct channels *c = a ? assoc_channels(a) : NULL;
	(void)len;
	OWNED_BY(s->owner);
	if (!c)
		data_msg_drop(o->msg);
	else if (o->msg)
		channels_send(c, o->msg);
	else
		channels_consumed(c, o->consumed);
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

/* ---- requests ---- */

static void on_open(struct secure *s, const struct secure_request *q)
{
	struct assoc **at = &s->by_slot[ID_SLOT(q->peer)];
	if (*at && assoc_peer(*at) != q->peer) { /* its worker could not close it */
		assoc_destroy(*at);
		*at = NULL;
	}
	if (!*at)
		*at = assoc_create(&s->host, q->peer, q->worker);
	if (*at) /* else nothing answers, and the worker's own time-out says so */
		assoc_describe(*at, &q->what);
}

static void on_close(struct secure *s, struct assoc *a, const struct secure_request *q)
{
	if (a && !q->silent)
		assoc_close(a);
	if (a)
		s->by_slot[ID_SLOT(q->peer)] = NULL;
	assoc_destroy(a);
	reply_closed(s, q->worker, q->peer);
}

static void on_request(void *arg, const void *rec, size_t len)
{
	struct secure *s = arg;
	const struct secure_request *q = rec;
	struct assoc *a = find(s, q->peer);
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
	if (q->type == REQ_CLOSE)
		on_close(s, a, q);
	else if (a && q->type == REQ_BEGIN)
		assoc_begin(a);
	else if (a && q->type == REQ_INPUT)
		assoc_input(a, q->data, q->len);
	else if (a)
		assoc_proven(a);
}

static void *run(void *arg)
{
	struct secure *s = arg;
	prctl(PR_SET_NAME, "secure");
	s->owner = OWNER_HERE;
	watchdog_add("secure", loop_pulse(s->loop), STUCK_US);
	loop_run(s->loop);
	watchdog_del(loop_pulse(s->loop));
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
	size_t sure = PEER_SURE * sizeof(struct secure_request) + PEER_OPENS * 512 + 1024;
	size_t room = (size_t)ALL_PENDING * sizeof(struct secure_request) + conf->max_peers * sure;
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
	s->host = (struct assoc_host){ s->loop, s->ctx, (unsigned)conf->mtu, conf->dtls_timeout_us,
		s->outlets, &s->data };
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
		assoc_destroy(s->by_slot[i]);
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

static enum err ask(
	struct secure *s, struct secure_request *q, unsigned worker, uint64_t peer, size_t len)
{
	q->worker = (uint16_t)worker;
	q->peer = peer;
	return queue_push(s->requests, q, len);
}

static enum err tell(struct secure *s, unsigned worker, struct known *k)
{
	struct secure_request q = { .type = REQ_OPEN, .what = k->what };
	_Atomic uint8_t *opens = &s->opens[ID_SLOT(k->peer)];
	if (atomic_load_explicit(opens, memory_order_relaxed) >= PEER_OPENS)
		return ERR_FULL;
	atomic_fetch_add_explicit(opens, 1, memory_order_relaxed);
	enum err e =
		ask(s, &q, worker, k->peer, offsetof(struct secure_request, what) + sizeof(q.what));
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
	struct secure_request q = { .type = REQ_BEGIN };
	enum err e = tell_once(s, worker, peer);
	return e ? e : ask(s, &q, worker, peer, offsetof(struct secure_request, data));
}

enum err secure_proven(struct secure *s, unsigned worker, uint64_t peer)
{
	struct secure_request q = { .type = REQ_PROVEN };
	return ask(s, &q, worker, peer, offsetof(struct secure_request, data));
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
	struct secure_request q;
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
	e = ask(s, &q, worker, peer, offsetof(struct secure_request, data) + len);
	if (e) {
		atomic_fetch_sub_explicit(pending, 1, memory_order_relaxed);
		atomic_fetch_sub_explicit(&s->all_pending, 1, memory_order_relaxed);
	}
	return e;
}

enum err secure_close(struct secure *s, unsigned worker, uint64_t peer, bool silent)
{
	struct secure_request q = { .type = REQ_CLOSE, .silent = silent };
	return ask(s, &q, worker, peer, offsetof(struct secure_request, silent) + sizeof(q.silent));
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
	assoc_metrics();
	metric_register(&overload);
}
