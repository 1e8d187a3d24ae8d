/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/loop.h"
#include "../base/metric.h"
#include "../base/queue.h"
#include "api_request.h"
#include "auth.h"
#include "dispatch.h"
#include "error.h"
#include "event.h"
#include "intake.h"
#include "options.h"
#include "reply.h"
#include "session.h"
#include "slow_request.h"
#include "transport_inbox.h"
#include "transports.h"

#define RETRY_AFTER_S 1
#define EVENTS_MAX    10000
#define QUEUE_BYTES   (16 << 20)       /* ends of connections have room beyond the requests */
#define WORK_US       (10 * US_PER_MS) /* of a turn: timers and reports are served in between */

enum kind { REQUEST, GARBAGE, GONE, POLL, EVENT };

/* What crosses from a transport's thread; the members that point are given away with it. */
struct incoming {
	enum kind kind;
	struct cardea_origin from;
	struct intake_client *who; /* whom it counts for; GONE and EVENT: nobody */
	union {
		json_t *tree;      /* REQUEST, EVENT */
		char *why;         /* GARBAGE: it is no JSON for this reason */
		bool said_goodbye; /* GONE */
		struct {
			uint64_t session_id;
			char *secret, *token; /* NULL: not given */
		} poll;                       /* POLL */
	};
};

static struct queue *inbox;
static struct loop *loop;
static _Atomic bool open_for_requests;
static _Atomic unsigned n_events; /* that wait */
static struct metric n_requests = { .name = "cardea_control_requests_total",
	.help = "Requests handled." };
static struct metric n_events_dropped = { .name = "cardea_events_of_transports_dropped_total",
	.help = "Events of transports that were not told, because too many waited." };

static void handle(void *arg, const void *rec, size_t len);

enum err transport_inbox_start(struct loop *on)
{
	static bool registered;
	loop = on;
	inbox = queue_create("requests", QUEUE_BYTES);
	intake_start(settings.requests_per_s, settings.max_message);
	atomic_store(&open_for_requests, true);
	slow_request_start();
	if (!registered)
		metric_register(&n_requests);
	if (!registered)
		metric_register(&n_events_dropped);
	registered = true;
	return queue_attach_for(inbox, loop, handle, NULL, WORK_US);
}

static void discard(void *arg, const void *rec, size_t len)
{
	const struct incoming *in = rec;
	(void)arg;
	(void)len;
	if (in->kind == EVENT)
		atomic_fetch_sub(&n_events, 1);
	if (in->kind == REQUEST || in->kind == EVENT) {
		json_decref(in->tree);
	} else if (in->kind == GARBAGE) {
		free(in->why);
	} else if (in->kind == POLL) {
		free(in->poll.secret);
		free(in->poll.token);
	}
}

void transport_inbox_close(void)
{
	atomic_store(&open_for_requests, false);
}

void transport_inbox_stop(void)
{
	if (!inbox)
		return;
	loop_del(loop, queue_fd(inbox));
	queue_drain(inbox, discard, NULL);
	queue_destroy(inbox);
	inbox = NULL;
	intake_stop();
}

/* ---- from the transports' threads ---- */

static const json_t *tree_of(const struct incoming *in)
{
	return in->kind == REQUEST ? in->tree : NULL;
}

/* A request that is not taken is answered here and now. */
static void refuse(const struct incoming *in, enum intake how)
{
	const struct cardea_origin *from = &in->from;
	const json_t *id = json_object_get(tree_of(in), "session_id");
	char reason[128];
	if (how == INTAKE_OFTEN)
		snprintf(reason, sizeof reason,
			"Too many requests: more than %u a second (general.requests_per_second)",
			settings.requests_per_s);
	else
		snprintf(reason, sizeof reason, "The server is busy: too many requests wait");
	if (from->transport->refuse)
		from->transport->refuse(
			from->client, from->request, API_UNKNOWN, reason, RETRY_AFTER_S);
	else
		reply_send(from, reply_error((uint64_t)json_integer_value(id),
					 request_transaction(tree_of(in)), API_UNKNOWN, reason));
}

static bool push(struct incoming *in)
{
	enum intake how = INTAKE_TAKEN;
	if (!atomic_load(&open_for_requests)) {
		discard(NULL, in, sizeof *in);
		return true;
	}
	bool is_counted = in->kind != GONE && in->kind != EVENT;
	if (is_counted)
		how = intake_ask(&in->who, &in->from, clock_now_us());
	if (how == INTAKE_TAKEN || how == INTAKE_ENOUGH) {
		if (queue_push(inbox, in, sizeof *in) == OK)
			return how == INTAKE_TAKEN;
		/* No memory, or hundred thousands of closed connections wait. */
		if (in->who && intake_done(in->who, &in->from))
			in->from.transport->resume(in->from.client);
		how = INTAKE_FULL;
	}
	if (is_counted)
		refuse(in, how);
	discard(NULL, in, sizeof *in);
	return true;
}

bool cardea_transport_incoming(const struct cardea_origin *from, json_t *tree)
{
	return push(&(struct incoming){ .kind = REQUEST, .from = *from, .tree = tree });
}

bool cardea_transport_batch(const struct cardea_origin *from, json_t **trees, unsigned n)
{
	struct cardea_origin each = *from;
	bool more = true;
	each.bytes /= MAX(n, 1); /* of one text: each of them counts for its share */
	for (unsigned i = 0; i < n; i++)
		more = cardea_transport_incoming(&each, trees[i]) && more;
	return more;
}

bool cardea_transport_garbage(const struct cardea_origin *from, const char *why)
{
	return push(&(struct incoming){ .kind = GARBAGE, .from = *from, .why = strdup(why) });
}

void cardea_transport_gone(const struct cardea_transport *t, uint64_t client, bool said_goodbye)
{
	push(&(struct incoming){ .kind = GONE,
		.from = { .transport = t, .client = client },
		.said_goodbye = said_goodbye });
}

static char *copy(const char *text)
{
	return text ? strdup(text) : NULL;
}

void cardea_transport_poll(const struct cardea_origin *from, uint64_t session_id,
	const char *secret, const char *token)
{
	push(&(struct incoming){
		.kind = POLL, .from = *from, .poll = { session_id, copy(secret), copy(token) } });
}

bool cardea_transport_events_are_on(void)
{
	return event_wanted(CARDEA_EVENT_TRANSPORT);
}

void cardea_transport_notify(const struct cardea_transport *t, uint64_t id, json_t *data)
{
	unsigned before = atomic_fetch_add(&n_events, 1);
	struct incoming in = {
		.kind = EVENT, .from = { .transport = t, .client = id }, .tree = data
	};
	if (before < EVENTS_MAX && cardea_transport_events_are_on()) {
		push(&in);
		return;
	}
	metric_add(&n_events_dropped, before >= EVENTS_MAX);
	discard(NULL, &in, sizeof in);
}

/* ---- on the control thread ---- */

static void tell(const struct incoming *in)
{
	char package[80], id[24];
	if (!transport_tells(in->from.transport))
		return;
	snprintf(package, sizeof package, "janus.transport.%s", in->from.transport->name);
	snprintf(id, sizeof id, "%" PRIu64, in->from.client);
	event_tell(&(struct event){ .type = CARDEA_EVENT_TRANSPORT },
		json_pack("{s:s, s:s, s:O}", "transport", package, "id", id, "data", in->tree));
}

static void poll(const struct incoming *in)
{
	const struct cardea_transport *t = in->from.transport;
	struct session *s = session_find(in->poll.session_id);
	int status = 200;
	if (!auth_allows(in->poll.secret, in->poll.token))
		status = 403;
	else if (!s || s->owner.transport != t)
		status = 404;
	if (status == 200)
		session_touch(s);
	if (t->polled)
		t->polled(in->from.client, in->from.request, in->poll.session_id, status);
}

static void serve(const struct incoming *in)
{
	switch (in->kind) {
	case REQUEST:
		dispatch_request(&in->from, in->tree);
		break;
	case GARBAGE:
		reply_send(&in->from, reply_error(0, NULL, API_INVALID_JSON, in->why));
		break;
	case GONE:
		intake_gone(in->from.transport, in->from.client);
		sessions_orphan(in->from.transport, in->from.client, in->said_goodbye);
		break;
	case POLL:
		poll(in);
		break;
	case EVENT:
		tell(in);
		break;
	}
}

static const char *name_of(const struct incoming *in)
{
	static const char *const others[] = { [GARBAGE] = "no JSON",
		[GONE] = "end of a client",
		[POLL] = "poll",
		[EVENT] = "event" };
	const char *name = json_string_value(json_object_get(tree_of(in), "janus"));
	if (in->kind != REQUEST)
		return others[in->kind];
	return name ? name : "?";
}

static void handle(void *arg, const void *rec, size_t len)
{
	const struct incoming *in = rec;
	static struct served_row row;
	slow_request_begin(&row, loop_now(loop));
	if (in->who) {
		metric_add(&n_requests, 1);
		if (intake_done(in->who, &in->from))
			in->from.transport->resume(in->from.client);
	}
	serve(in);
	if (slow_request_end(&row))
		slow_request_log(&row, in->from.client, name_of(in));
	discard(arg, rec, len);
}
