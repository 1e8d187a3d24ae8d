/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "../base/loop.h"
#include "../base/metric.h"
#include "../base/queue.h"
#include "answer.h"
#include "auth.h"
#include "dispatch.h"
#include "error.h"
#include "held.h"
#include "intake.h"
#include "machine.h"
#include "module.h"
#include "options.h"
#include "session.h"
#include "transport.h"

#define RETRY_AFTER_S 1
#define QUEUE_BYTES   (16 << 20) /* news of closed connections have room beyond the requests */
#define WORK_US       (10 * US_PER_MS) /* of a turn: timers and reports are served in between */

enum kind { REQUEST, GARBAGE, GONE, POLL };

/* What crosses from a transport's thread; the members that point are given away with it. */
struct inbound {
	enum kind kind;
	struct cardea_origin from;
	struct guest *who;    /* whom it counts for; GONE: nobody */
	json_t *tree;         /* REQUEST */
	uint64_t session_id;  /* POLL */
	bool said_goodbye;    /* GONE */
	char *secret, *token; /* POLL; secret is the reason of GARBAGE */
};

struct transport {
	const struct cardea_transport *api;
	void *dl;
	char package[80];
};

static struct queue *inbox;
static struct loop *loop;
static struct conf *conf;
static GPtrArray *transports;
static _Atomic bool open_for_requests;
static _Atomic size_t max_message;
static struct metric n_requests = { .name = "cardea_control_requests_total",
	.help = "Requests handled." };

static void handle(void *arg, const void *rec, size_t len);

enum err transports_start(struct loop *on, struct conf *from)
{
	static bool registered;
	loop = on;
	conf = from;
	transports = g_ptr_array_new();
	inbox = queue_create("requests", QUEUE_BYTES);
	intake_start(settings.requests_per_s);
	atomic_store(&max_message, settings.max_message);
	atomic_store(&open_for_requests, true);
	held_start();
	if (!registered)
		metric_register(&n_requests);
	registered = true;
	return queue_attach_for(inbox, loop, handle, NULL, WORK_US);
}

/* ---- modules ---- */

static const struct transport *by_short_name(const char *name)
{
	for (unsigned i = 0; name && i < transports->len; i++) {
		const struct transport *t = transports->pdata[i];
		if (strcmp(t->api->name, name) == 0)
			return t;
	}
	return NULL;
}

const char *transport_add(const struct cardea_transport *api, void *dl)
{
	char file[100];
	const char *why;
	if (!api->send)
		return "it lacks the hook send";
	if (strlen(api->name) > 60)
		return "its name is too long";
	if (by_short_name(api->name))
		return "there is one of this name already";
	snprintf(file, sizeof file, "cardea.transport.%s", api->name);
	struct cardea_conf *own = conf_file(conf, file);
	if (api->options) {
		conf_check(own, api->options);
		machine_look(own);
	}
	if (api->start && (why = api->start(own)))
		return why;
	struct transport *t = g_new0(struct transport, 1);
	t->api = api;
	t->dl = dl;
	snprintf(t->package, sizeof t->package, "janus.transport.%s", api->name);
	g_ptr_array_add(transports, t);
	log_info("core", 0, "transport loaded", "name=%s", api->name);
	return NULL;
}

static const char *take(const void *module, void *dl)
{
	return transport_add(module, dl);
}

unsigned transports_load(const char *folder, const char *disable)
{
	return modules_open(folder, "cardea_transport", sizeof(struct cardea_transport),
		CARDEA_TRANSPORT_ABI, disable, take);
}

static void discard(void *arg, const void *rec, size_t len)
{
	(void)arg;
	(void)len;
	const struct inbound *in = rec;
	json_decref(in->tree);
	free(in->secret);
	free(in->token);
}

void transports_stop(void)
{
	if (!inbox)
		return;
	atomic_store(&open_for_requests, false);
	for (unsigned i = transports->len; i-- > 0;) {
		struct transport *t = transports->pdata[i];
		if (t->api->stop)
			t->api->stop();
		sessions_disown(t->api);
	}
	loop_del(loop, queue_fd(inbox));
	queue_drain(inbox, discard, NULL);
	queue_destroy(inbox);
	inbox = NULL;
	intake_stop();
	for (unsigned i = 0; i < transports->len; i++) {
		struct transport *t = transports->pdata[i];
		module_close(t->dl);
		g_free(t);
	}
	g_clear_pointer(&transports, g_ptr_array_unref);
}

const struct cardea_transport *transport_find(const char *package)
{
	const struct transport *t = by_short_name(module_short_name(package, "transport"));
	return t ? t->api : NULL;
}

json_t *transports_info(void)
{
	json_t *all = json_object();
	for (unsigned i = 0; i < transports->len; i++) {
		const struct transport *t = transports->pdata[i];
		json_object_set_new(all, t->package,
			module_info(t->api->title, t->api->author, t->api->description,
				t->api->version_string, t->api->version));
	}
	return all;
}

unsigned transports_count(void)
{
	return transports ? transports->len : 0;
}

/* ---- from the transports' threads ---- */

/* A request that is not taken is answered here and now. */
static void refuse(const struct inbound *in, enum intake how)
{
	const struct cardea_origin *from = &in->from;
	const json_t *id = json_object_get(in->tree, "session_id");
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
		answer_send(from, answer_error((uint64_t)json_integer_value(id),
					  request_transaction(in->tree), API_UNKNOWN, reason));
}

static bool push(struct inbound *in)
{
	enum intake how = INTAKE_TAKEN;
	if (!atomic_load(&open_for_requests)) {
		discard(NULL, in, sizeof *in);
		return true;
	}
	if (in->kind != GONE)
		how = intake_ask(&in->who, &in->from, clock_now_us());
	if (how == INTAKE_TAKEN || how == INTAKE_ENOUGH) {
		if (queue_push(inbox, in, sizeof *in) == OK)
			return how == INTAKE_TAKEN;
		/* No memory, or hundred thousands of closed connections wait. */
		if (in->who && intake_done(in->who, &in->from))
			in->from.transport->resume(in->from.client);
		how = INTAKE_FULL;
	}
	if (in->kind != GONE)
		refuse(in, how);
	discard(NULL, in, sizeof *in);
	return true;
}

bool cardea_transport_incoming(const struct cardea_origin *from, json_t *tree)
{
	return push(&(struct inbound){ .kind = REQUEST, .from = *from, .tree = tree });
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
	return push(&(struct inbound){ .kind = GARBAGE, .from = *from, .secret = strdup(why) });
}

void cardea_transport_gone(const struct cardea_transport *t, uint64_t client, bool said_goodbye)
{
	push(&(struct inbound){ .kind = GONE,
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
	push(&(struct inbound){ .kind = POLL,
		.from = *from,
		.session_id = session_id,
		.secret = copy(secret),
		.token = copy(token) });
}

size_t cardea_max_message(void)
{
	return atomic_load_explicit(&max_message, memory_order_relaxed);
}

/* ---- on the control thread ---- */

static void poll(const struct inbound *in)
{
	const struct cardea_transport *t = in->from.transport;
	struct session *s = session_find(in->session_id);
	int status = 200;
	if (!auth_allows(in->secret, in->token))
		status = 403;
	else if (!s || s->owner.transport != t)
		status = 404;
	if (status == 200)
		session_touch(s);
	if (t->polled)
		t->polled(in->from.client, in->from.request, in->session_id, status);
}

static void serve(const struct inbound *in)
{
	switch (in->kind) {
	case REQUEST:
		dispatch_request(&in->from, in->tree);
		break;
	case GARBAGE:
		answer_send(&in->from, answer_error(0, NULL, API_INVALID_JSON, in->secret));
		break;
	case GONE:
		intake_gone(in->from.transport, in->from.client);
		sessions_orphan(in->from.transport, in->from.client, in->said_goodbye);
		break;
	case POLL:
		poll(in);
		break;
	}
}

static const char *name_of(const struct inbound *in)
{
	static const char *const others[] = {
		[GARBAGE] = "no JSON", [GONE] = "end of a client", [POLL] = "poll"
	};
	const char *name = json_string_value(json_object_get(in->tree, "janus"));
	if (in->kind != REQUEST)
		return others[in->kind];
	return name ? name : "?";
}

static void handle(void *arg, const void *rec, size_t len)
{
	const struct inbound *in = rec;
	static struct held_row row;
	held_begin(&row, loop_now(loop));
	if (in->who) {
		metric_add(&n_requests, 1);
		if (intake_done(in->who, &in->from))
			in->from.transport->resume(in->from.client);
	}
	serve(in);
	if (held_end(&row))
		held_tell(&row, in->from.client, name_of(in));
	discard(arg, rec, len);
}
