/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include "../base/loop.h"
#include "../base/metric.h"
#include "auth.h"
#include "description.h"
#include "direct.h"
#include "direct_client.h"
#include "direct_web.h"
#include "handle.h"
#include "hook.h"
#include "options.h"
#include "plugins.h"
#include "remote.h"
#include "slow_request.h"

#define MESSAGES_A_S  100
#define CLOSE_POLICY  1008
#define CLOSE_TROUBLE 1011
#define CLOSE_LATER   1013

/* An open connection. */
struct connection {
	uint64_t conn, session, handle;
};

static struct loop *loop;
static struct direct_endpoint *endpoints;
static GHashTable *connections; /* conn → connection */
static GSList *taken;           /* descriptions (struct remote) lent to the hook that runs */
static void drop_taken(void *arg);
static struct deferred drop_later = { .fn = drop_taken };
static struct metric n_messages = { .name = "cardea_control_direct_messages_total",
	.help = "Messages on direct endpoints." };

static struct session *session_of(uint64_t conn)
{
	const struct connection *c = g_hash_table_lookup(connections, &conn);
	return c ? session_find(c->session) : NULL;
}

static struct cardea_handle *handle_of(uint64_t conn)
{
	const struct connection *c = g_hash_table_lookup(connections, &conn);
	const struct session *s = c ? session_find(c->session) : NULL;
	return s ? handle_find(s, c->handle) : NULL;
}

static void refuse(uint64_t conn, unsigned code, int number, const char *reason)
{
	direct_client_error(conn, number, reason);
	cardea_web_close(conn, code);
}

static void open_handle(struct plugin *plugin, uint64_t conn, struct cardea_address address)
{
	const struct cardea_origin from = direct_client_origin(conn, address);
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
	struct connection *c = g_new(struct connection, 1);
	*c = (struct connection){ conn, s->id, h->id };
	g_hash_table_replace(connections, &c->conn, c);
}

static void on_opened(const struct direct_record *r)
{
	const char *name = r->at->plugin->name;
	char package[80];
	snprintf(package, sizeof package, "janus.plugin.%.60s", name);
	struct plugin *plugin = plugin_find(package);
	if (!plugin)
		refuse(r->conn, CLOSE_TROUBLE, 503, "The plugin did not start");
	else if (!auth_allows(r->opened.secret, r->opened.token) ||
		 !auth_token_plugin(r->opened.token, name))
		refuse(r->conn, CLOSE_POLICY, 403,
			"Unauthorized request (wrong or missing secret/token)");
	else
		open_handle(plugin, r->conn, r->opened.address);
}

static void on_message(const struct direct_record *r)
{
	struct cardea_handle *h = handle_of(r->conn);
	const struct cardea_direct_message what = { .size = sizeof what,
		.text = r->message.text,
		.len = r->message.len,
		.json = r->message.tree,
		.why = r->message.why };
	metric_add(&n_messages, 1);
	if (!h || h->ending)
		return;
	struct hook hook;
	hook_enter(&hook, h->plugin->api, "direct_message");
	h->plugin->api->direct_message(h, &what);
	hook_leave(&hook);
}

static void on_alive(uint64_t conn)
{
	struct cardea_handle *h = handle_of(conn);
	if (!h || h->ending || !h->plugin->api->alive)
		return;
	struct hook hook;
	hook_enter(&hook, h->plugin->api, "alive");
	h->plugin->api->alive(h);
	hook_leave(&hook);
}

static void on_gone(uint64_t conn)
{
	struct session *s = session_of(conn);
	g_hash_table_remove(connections, &conn);
	if (s)
		session_destroy(s);
}

static void serve(const struct direct_record *r)
{
	static struct served_row row;
	slow_request_begin(&row, loop_now(loop));
	switch (r->kind) {
	case DIRECT_OPENED:
		on_opened(r);
		break;
	case DIRECT_MESSAGE:
		on_message(r);
		break;
	case DIRECT_ALIVE:
		on_alive(r->conn);
		break;
	case DIRECT_SHUT:
		cardea_web_close(r->conn, r->close_code);
		break;
	case DIRECT_GONE:
		on_gone(r->conn);
		break;
	}
	if (slow_request_end(&row))
		slow_request_log(&row, r->conn, r->at->plugin->name);
}

/* ---- life ---- */

enum err direct_start(struct loop *on)
{
	static bool registered;
	loop = on;
	connections = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
	if (!registered)
		metric_register(&n_messages);
	registered = true;
	direct_web_start();
	return direct_inbox_start(loop, settings.max_sessions, serve);
}

void direct_stop(void)
{
	direct_inbox_stop();
	direct_web_stop();
	g_clear_pointer(&connections, g_hash_table_destroy);
	for (struct direct_endpoint *e = endpoints, *next; e; e = next) {
		next = e->next;
		g_free(e->path);
		g_free(e);
	}
	endpoints = NULL;
}

/* ---- the SDK ---- */

static void drop_remote(gpointer remote)
{
	remote_drop(remote);
}

static void drop_taken(void *arg)
{
	(void)arg;
	g_slist_free_full(g_steal_pointer(&taken), drop_remote);
}

static const char *mount(
	const char *name, struct direct_endpoint *e, const struct cardea_direct *w, bool own)
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
	return cardea_web_mount_socket(name, &place, &direct_web_hooks, e);
}

/* A plugin that was loaded again has its endpoints. */
static bool take_over(const struct cardea_plugin *self, const struct cardea_direct *w)
{
	for (struct direct_endpoint *e = endpoints; e; e = e->next)
		if (!strcmp(e->plugin->name, self->name) && !g_strcmp0(e->path, w->path) &&
			e->port == w->port && e->secure_port == w->secure_port) {
			e->plugin = self;
			return true;
		}
	return false;
}

const char *cardea_direct(const struct cardea_plugin *self, const struct cardea_direct *where)
{
	struct cardea_direct w = { 0 };
	const char *why = NULL;
	memcpy(&w, where, where->size < sizeof w ? where->size : sizeof w);
	if (!self->direct_message)
		return "it lacks the hook direct_message";
	if (plugins_are_up() && take_over(self, &w))
		return NULL;
	if (plugins_are_up())
		return "what it serves can be changed at a start only";
	struct direct_endpoint *e = g_new0(struct direct_endpoint, 1);
	e->plugin = self;
	e->path = g_strdup(w.path);
	e->port = w.port;
	e->secure_port = w.secure_port;
	e->messages_a_s = w.messages ? w.messages : MESSAGES_A_S;
	e->next = endpoints;
	endpoints = e;
	if (w.path)
		why = mount(w.path, e, &w, false);
	if (!why && (w.port || w.secure_port))
		why = mount("/", e, &w, true);
	return why;
}

const struct cardea_desc *cardea_take_jsep(
	struct cardea_handle *h, const json_t *jsep, struct cardea_error *e)
{
	struct remote *r = description_take(h, jsep, e);
	if (!r)
		return NULL;
	taken = g_slist_prepend(taken, r);
	hook_defer(&drop_later);
	return r->desc;
}
