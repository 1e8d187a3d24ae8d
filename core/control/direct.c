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
#include "auth.h"
#include "direct.h"
#include "direct_rate.h"
#include "error.h"
#include "handle.h"
#include "held.h"
#include "hook.h"
#include "options.h"
#include "plugin.h"
#include "remote.h"
#include "text.h"

/* messages and new connections of all; ends of connections have room beyond */
#define WAITING_MAX   16384
#define WAITING_BYTES (64u << 20)      /* of messages */
#define QUEUE_HEAD    32               /* bytes of a record beside its own, at most */
#define WORK_US       (10 * US_PER_MS) /* of a turn */
#define MESSAGES_A_S  100
#define TOO_MUCH      429
#define TOO_BUSY      503
#define CLOSE_NORMAL  1000
#define CLOSE_POLICY  1008
#define CLOSE_TROUBLE 1011
#define CLOSE_LATER   1013

struct endpoint {
	struct endpoint *next;
	const struct cardea_plugin *plugin;
	double messages_a_s;
};

enum kind { OPENED, SAID, ALIVE, SHUT, GONE };

/* What crosses from the web thread; the members that point are given away with it. */
struct inbound {
	enum kind kind;
	struct endpoint *at;
	uint64_t conn;
	char *text;                    /* SAID; of OPENED the secret */
	size_t len;                    /* SAID; of SHUT the code */
	struct cardea_address address; /* OPENED */
	json_t *tree;                  /* SAID: NULL, it is not JSON … */
	char *why;                     /* … for this reason; of OPENED the token */
};

/* A connection to the web thread. */
struct talker {
	uint64_t conn;
	struct direct_rate rate;
	bool is_over; /* it is being closed: nobody listens */
};

/* A connection to the control side. */
struct link {
	uint64_t conn, session, handle;
};

static struct loop *loop;
static struct queue *inbox;
static struct endpoint *endpoints;
static GHashTable *talkers; /* conn → talker; web thread */
static GHashTable *links;   /* conn → link */
static GSList *heard;       /* descriptions (struct remote) lent to the hook that runs */
static _Atomic unsigned waiting;
static _Atomic size_t waiting_bytes;
static struct metric n_said = { .name = "cardea_control_direct_messages_total",
	.help = "Messages on direct endpoints." };
static struct metric n_refused = { .name = "cardea_control_direct_refused_total",
	.help = "Messages on direct endpoints that were refused unread: too many of one client, or "
		"of all." };
static struct metric n_abuse = { .name = "cardea_control_direct_closed_total",
	.help = "Direct connections closed because they said too much." };

/* ---- the transport that sessions of direct connections belong to ---- */

/* Events of the API are not for them. */
static void send_nothing(
	uint64_t client, uint64_t request, uint64_t session_id, struct cardea_text *text)
{
	(void)client;
	(void)request;
	(void)session_id;
	cardea_text_drop(text);
}

static void on_owner(uint64_t client, uint64_t session_id, bool owner)
{
	(void)session_id;
	if (!owner)
		cardea_web_close(client, CLOSE_NORMAL); /* unless another code came first */
}

static const struct cardea_transport direct = { .size = sizeof direct,
	.abi = CARDEA_TRANSPORT_ABI,
	.name = "direct",
	.send = send_nothing,
	.owns = on_owner };

static bool is_direct(const struct session *s)
{
	return s->owner.transport == &direct;
}

/* ---- errors: any thread ---- */

static json_t *error_said(int number, const char *reason)
{
	return json_pack("{s:s, s:i, s:o}", "type", "error", "code", number, "reason",
		cardea_json_text(reason));
}

/* Whoever waits for a word gets one, if only an error. @param message taken */
static struct cardea_text *print(json_t *message)
{
	struct cardea_text *text = text_print(message, JSON_STYLE_COMPACT);
	json_decref(message);
	if (text)
		return text;
	json_t *sorry = error_said(500, "What was to be said cannot be written as JSON");
	text = text_print(sorry, JSON_STYLE_COMPACT);
	json_decref(sorry);
	return text;
}

static void tell_error(uint64_t conn, int number, const char *reason)
{
	cardea_web_send(conn, print(error_said(number, reason)));
}

/* ---- web thread ---- */

static void discard(void *arg, const void *rec, size_t len)
{
	const struct inbound *in = rec;
	(void)arg;
	(void)len;
	free(in->text);
	free(in->why);
	json_decref(in->tree);
}

static bool counts(const struct inbound *in)
{
	return in->kind == SAID || in->kind == OPENED;
}

/* It waits no longer. */
static void uncount(const struct inbound *in)
{
	if (!counts(in))
		return;
	atomic_fetch_sub_explicit(&waiting, 1, memory_order_relaxed);
	atomic_fetch_sub_explicit(&waiting_bytes, in->len, memory_order_relaxed);
}

static bool has_room(const struct inbound *in)
{
	if (!counts(in))
		return true;
	unsigned n = atomic_fetch_add_explicit(&waiting, 1, memory_order_relaxed);
	size_t bytes = atomic_fetch_add_explicit(&waiting_bytes, in->len, memory_order_relaxed);
	return n < WAITING_MAX && bytes + in->len <= WAITING_BYTES;
}

/* @return false: too much waits */
static bool push(struct inbound *in)
{
	if (has_room(in) && queue_push(inbox, in, sizeof *in) == OK)
		return true;
	uncount(in);
	discard(NULL, in, sizeof *in);
	return false;
}

/* Listen no more, and close when what has been said is answered. */
static void shut(struct talker *t, struct endpoint *at, unsigned code)
{
	t->is_over = true;
	push(&(struct inbound){ .kind = SHUT, .at = at, .conn = t->conn, .len = code });
}

static char *query_value(const char *query, const char *name)
{
	char value[1024];
	return cardea_web_query(query, name, value, sizeof value) ? strdup(value) : NULL;
}

static void on_opened(void *arg, uint64_t conn, const struct cardea_web_peer *who)
{
	struct endpoint *e = arg;
	struct talker *t = g_new0(struct talker, 1);
	t->conn = conn;
	direct_rate_start(&t->rate, e->messages_a_s, clock_now_us());
	g_hash_table_replace(talkers, &t->conn, t);
	if (push(&(struct inbound){ .kind = OPENED,
		    .at = e,
		    .conn = conn,
		    .address = cardea_address(who->ip),
		    .text = query_value(who->query, "apisecret"),
		    .why = query_value(who->query, "token") }))
		return;
	tell_error(conn, TOO_BUSY, "The server is overloaded: come again later");
	shut(t, e, CLOSE_LATER);
}

/* @return false: it is too much for now, and the client knows */
static bool may_say(struct talker *t, struct endpoint *at, size_t len)
{
	char reason[64];
	enum direct_pace pace = direct_rate_say(&t->rate, len, clock_now_us());
	if (pace == PACE_OK)
		return true;
	metric_add(&n_refused, 1);
	snprintf(reason, sizeof reason, "More than %.0f messages a second", t->rate.per_s);
	tell_error(t->conn, TOO_MUCH, reason);
	if (pace == PACE_ABUSE) {
		metric_add(&n_abuse, 1);
		shut(t, at, CLOSE_POLICY);
	}
	return false;
}

/* @return false: there is no memory for it */
static bool take_message(struct inbound *in, const char *data, size_t len)
{
	const char *at = data;
	char why[160] = "something stands behind it";
	size_t left = len;
	in->tree = cardea_web_json(&at, &left, why);
	if (in->tree && left) {
		json_decref(in->tree);
		in->tree = NULL;
	}
	in->why = in->tree ? NULL : strdup(why);
	if (!(in->text = malloc(len + 1))) {
		discard(NULL, in, sizeof *in);
		return false;
	}
	memcpy(in->text, data, len);
	in->text[len] = '\0';
	in->len = len;
	return true;
}

static void on_message(void *arg, uint64_t conn, const char *data, size_t len)
{
	struct talker *t = g_hash_table_lookup(talkers, &conn);
	struct inbound in = { .kind = SAID, .at = arg, .conn = conn };
	if (!t || t->is_over || !may_say(t, arg, len))
		return;
	if (take_message(&in, data, len) && push(&in))
		return;
	metric_add(&n_refused, 1);
	tell_error(conn, TOO_BUSY, "The server is overloaded: say it again later");
}

static void on_alive(void *arg, uint64_t conn)
{
	push(&(struct inbound){ .kind = ALIVE, .at = arg, .conn = conn });
}

static void on_closed(void *arg, uint64_t conn, unsigned code)
{
	(void)code; /* nobody can come back to such a connection */
	g_hash_table_remove(talkers, &conn);
	push(&(struct inbound){ .kind = GONE, .at = arg, .conn = conn });
}

/* ---- control thread ---- */

static struct session *session_of(uint64_t conn)
{
	const struct link *l = g_hash_table_lookup(links, &conn);
	return l ? session_find(l->session) : NULL;
}

static struct cardea_handle *handle_of(uint64_t conn)
{
	const struct link *l = g_hash_table_lookup(links, &conn);
	const struct session *s = l ? session_find(l->session) : NULL;
	return s ? handle_find(s, l->handle) : NULL;
}

static void refuse(uint64_t conn, unsigned code, int number, const char *reason)
{
	tell_error(conn, number, reason);
	cardea_web_close(conn, code);
}

static void open_handle(struct plugin *plugin, uint64_t conn, struct cardea_address address)
{
	const struct cardea_origin from = {
		.transport = &direct, .client = conn, .address = address
	};
	struct session *s;
	char why[128];
	if (session_create(&s, 0, &from, why)) {
		refuse(conn, CLOSE_LATER, 503, why);
		return;
	}
	session_set_timeout(s, 0); /* the connection is its life */
	const struct cardea_handle *h = handle_create(s, plugin, plugin->package, NULL, NULL, why);
	if (!h) {
		session_destroy(s);
		refuse(conn, CLOSE_TROUBLE, 503, why);
		return;
	}
	struct link *l = g_new(struct link, 1);
	*l = (struct link){ conn, s->id, h->id };
	g_hash_table_replace(links, &l->conn, l);
}

static void opened(const struct inbound *in)
{
	const char *name = in->at->plugin->name;
	char package[80];
	snprintf(package, sizeof package, "janus.plugin.%.60s", name);
	struct plugin *plugin = plugin_find(package);
	if (!plugin)
		refuse(in->conn, CLOSE_TROUBLE, 503, "The plugin did not start");
	else if (!auth_allows(in->text, in->why) || !auth_token_plugin(in->why, name))
		refuse(in->conn, CLOSE_POLICY, 403,
			"Unauthorized request (wrong or missing secret/token)");
	else
		open_handle(plugin, in->conn, in->address);
}

static void drop_remote(gpointer r)
{
	remote_drop(r);
}

static void said(const struct inbound *in)
{
	struct cardea_handle *h = handle_of(in->conn);
	const struct cardea_direct_message what = { .size = sizeof what,
		.text = in->text,
		.len = in->len,
		.json = in->tree,
		.why = in->why };
	metric_add(&n_said, 1);
	if (!h || h->ending)
		return;
	hook_enter();
	h->plugin->api->direct_message(h, &what);
	hook_leave();
	g_slist_free_full(g_steal_pointer(&heard), drop_remote);
}

static void alive(uint64_t conn)
{
	struct cardea_handle *h = handle_of(conn);
	if (!h || h->ending || !h->plugin->api->alive)
		return;
	hook_enter();
	h->plugin->api->alive(h);
	hook_leave();
}

static void gone(uint64_t conn)
{
	struct session *s = session_of(conn);
	g_hash_table_remove(links, &conn);
	if (s)
		session_destroy(s);
}

static void handle(void *arg, const void *rec, size_t len)
{
	const struct inbound *in = rec;
	static struct held_row row;
	held_begin(&row, loop_now(loop));
	uncount(in);
	switch (in->kind) {
	case OPENED:
		opened(in);
		break;
	case SAID:
		said(in);
		break;
	case ALIVE:
		alive(in->conn);
		break;
	case SHUT:
		cardea_web_close(in->conn, (unsigned)in->len);
		break;
	case GONE:
		gone(in->conn);
		break;
	}
	if (held_end(&row))
		held_tell(&row, in->conn, in->at->plugin->name);
	discard(arg, rec, len);
}

/* ---- life ---- */

enum err direct_start(struct loop *on)
{
	static bool registered;
	loop = on;
	talkers = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
	links = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
	/* An end must not get lost, or its session would stay for ever. Each connection has one, as
	 * ALIVE and SHUT. */
	size_t n = WAITING_MAX + 3 * ((size_t)settings.max_sessions + WAITING_MAX);
	inbox = queue_create("direct messages", n * (sizeof(struct inbound) + QUEUE_HEAD));
	atomic_store(&waiting, 0);
	atomic_store(&waiting_bytes, 0);
	if (!registered) {
		metric_register(&n_said);
		metric_register(&n_refused);
		metric_register(&n_abuse);
	}
	registered = true;
	return inbox ? queue_attach_for(inbox, loop, handle, NULL, WORK_US) : ERR_FULL;
}

void direct_stop(void)
{
	if (!inbox)
		return;
	loop_del(loop, queue_fd(inbox));
	queue_drain(inbox, discard, NULL);
	queue_destroy(inbox);
	inbox = NULL;
	g_clear_pointer(&links, g_hash_table_destroy);
	g_clear_pointer(&talkers, g_hash_table_destroy);
	for (struct endpoint *e = endpoints, *next; e; e = next) {
		next = e->next;
		g_free(e);
	}
	endpoints = NULL;
}

/* ---- the SDK ---- */

static const struct cardea_web_socket hooks = { .size = sizeof hooks,
	.opened = on_opened,
	.message = on_message,
	.closed = on_closed,
	.alive = on_alive };

static const char *mount(
	const char *name, struct endpoint *e, const struct cardea_direct *w, bool own)
{
	struct cardea_web_place place = { .size = sizeof place,
		.shared = !own,
		.port = own ? w->port : 0,
		.secure_port = own ? w->secure_port : 0,
		.ip = w->ip,
		.secure_ip = w->ip,
		.ping_after_s = w->ping_after_s,
		.ping_timeout_s = w->ping_timeout_s,
		.port_from = w->port_from,
		.secure_port_from = w->secure_port_from };
	return cardea_web_mount_socket(name, &place, &hooks, e);
}

const char *cardea_direct(const struct cardea_plugin *self, const struct cardea_direct *where)
{
	struct cardea_direct w = { 0 };
	const char *why = NULL;
	memcpy(&w, where, where->size < sizeof w ? where->size : sizeof w);
	if (!self->direct_message)
		return "it lacks the hook direct_message";
	struct endpoint *e = g_new0(struct endpoint, 1);
	e->plugin = self;
	e->messages_a_s = w.messages ? w.messages : MESSAGES_A_S;
	e->next = endpoints;
	endpoints = e;
	if (w.path)
		why = mount(w.path, e, &w, false);
	if (!why && (w.port || w.secure_port))
		why = mount("/", e, &w, true);
	return why;
}

bool cardea_is_direct(const struct cardea_handle *h)
{
	return is_direct(h->session);
}

struct cardea_handle *cardea_extra_handle(struct cardea_handle *h, struct cardea_error *e)
{
	char why[128];
	struct cardea_handle *extra =
		handle_create(h->session, h->plugin, h->package, NULL, NULL, why);
	if (extra)
		extra->is_extra = true;
	else
		cardea_fail(e, API_PLUGIN_ATTACH, "%s", why);
	return extra;
}

const struct cardea_desc *cardea_take_jsep(
	struct cardea_handle *h, const json_t *jsep, struct cardea_error *e)
{
	struct remote *r = remote_take(h, jsep, e);
	if (!r)
		return NULL;
	heard = g_slist_prepend(heard, r);
	return r->desc;
}

void cardea_direct_send_all(struct cardea_handle *const *to, unsigned n, json_t *message)
{
	struct cardea_text *text = print(message);
	for (unsigned i = 0; i < n; i++)
		if (is_direct(to[i]->session))
			cardea_web_send(to[i]->session->owner.client, cardea_text_ref(text));
	cardea_text_drop(text);
}

void cardea_direct_send(struct cardea_handle *h, json_t *message)
{
	cardea_direct_send_all(&h, 1, message);
}

enum cardea_presence cardea_probe(struct cardea_handle *h, unsigned timeout_ms)
{
	if (!h->session->owner.transport)
		return CARDEA_ABSENT;
	if (!is_direct(h->session))
		return CARDEA_PRESENT;
	cardea_web_probe(h->session->owner.client, timeout_ms);
	return CARDEA_ASKED;
}

void cardea_end_with(struct cardea_handle *h, unsigned code)
{
	if (is_direct(h->session))
		cardea_web_close(h->session->owner.client, code);
	cardea_end(h);
}
