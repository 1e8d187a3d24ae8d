/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/metric.h"
#include "direct_client.h"
#include "direct_rate.h"
#include "direct_web.h"

#define TOO_MUCH     429
#define TOO_BUSY     503
#define CLOSE_POLICY 1008
#define CLOSE_LATER  1013

/* A connection, as long as it is open. */
struct direct_sender {
	uint64_t conn;
	struct direct_rate rate;
	bool is_over; /* it is being closed: what comes is not taken */
};

static GHashTable *senders; /* conn → its direct_sender */
static struct metric n_refused = { .name = "cardea_control_direct_refused_total",
	.help = "Messages on direct endpoints that were refused unread: too many of one client, or "
		"of all." };
static struct metric n_abuse = { .name = "cardea_control_direct_closed_total",
	.help = "Direct connections closed because they said too much." };

void direct_web_start(void)
{
	static bool registered;
	senders = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
	if (!registered) {
		metric_register(&n_refused);
		metric_register(&n_abuse);
	}
	registered = true;
}

void direct_web_stop(void)
{
	g_clear_pointer(&senders, g_hash_table_destroy);
}

/* Take no more, and close when what has come is answered. */
static void shut(struct direct_sender *t, struct direct_endpoint *at, unsigned code)
{
	t->is_over = true;
	direct_inbox_push(&(struct direct_record){
		.kind = DIRECT_SHUT, .at = at, .conn = t->conn, .close_code = code });
}

static char *query_value(const char *query, const char *name)
{
	char value[1024];
	return cardea_web_query(query, name, value, sizeof value) ? strdup(value) : NULL;
}

static void on_opened(void *arg, uint64_t conn, const struct cardea_web_peer *who)
{
	struct direct_endpoint *e = arg;
	struct direct_sender *t = g_new0(struct direct_sender, 1);
	t->conn = conn;
	direct_rate_start(&t->rate, e->messages_a_s, clock_now_us());
	g_hash_table_replace(senders, &t->conn, t);
	if (direct_inbox_push(&(struct direct_record){ .kind = DIRECT_OPENED,
		    .at = e,
		    .conn = conn,
		    .opened = { cardea_address(who->ip), query_value(who->query, "apisecret"),
			    query_value(who->query, "token") } }))
		return;
	direct_client_error(conn, TOO_BUSY, "The server is overloaded: come again later");
	shut(t, e, CLOSE_LATER);
}

/* @return false: it is too much for now, and the client knows */
static bool may_send(struct direct_sender *t, struct direct_endpoint *at, size_t len)
{
	char reason[64];
	enum direct_pace pace = direct_rate_say(&t->rate, len, clock_now_us());
	if (pace == PACE_OK)
		return true;
	metric_add(&n_refused, 1);
	snprintf(reason, sizeof reason, "More than %.0f messages a second", t->rate.per_s);
	direct_client_error(t->conn, TOO_MUCH, reason);
	if (pace == PACE_ABUSE) {
		metric_add(&n_abuse, 1);
		shut(t, at, CLOSE_POLICY);
	}
	return false;
}

/* @return false: there is no memory for it */
static bool take_message(struct direct_record *r, const char *data, size_t len)
{
	const char *at = data;
	char why[160] = "something stands behind it";
	size_t left = len;
	r->message.tree = cardea_web_json(&at, &left, why);
	if (r->message.tree && left) {
		json_decref(r->message.tree);
		r->message.tree = NULL;
	}
	r->message.why = r->message.tree ? NULL : strdup(why);
	if (!(r->message.text = malloc(len + 1))) {
		direct_record_free(r);
		return false;
	}
	memcpy(r->message.text, data, len);
	r->message.text[len] = '\0';
	r->message.len = len;
	return true;
}

static void on_message(void *arg, uint64_t conn, const char *data, size_t len)
{
	struct direct_sender *t = g_hash_table_lookup(senders, &conn);
	struct direct_record r = { .kind = DIRECT_MESSAGE, .at = arg, .conn = conn };
	if (!t || t->is_over || !may_send(t, arg, len))
		return;
	if (take_message(&r, data, len) && direct_inbox_push(&r))
		return;
	metric_add(&n_refused, 1);
	direct_client_error(conn, TOO_BUSY, "The server is overloaded: say it again later");
}

static void on_alive(void *arg, uint64_t conn)
{
	direct_inbox_push(&(struct direct_record){ .kind = DIRECT_ALIVE, .at = arg, .conn = conn });
}

static void on_closed(void *arg, uint64_t conn, unsigned code)
{
	(void)code; /* nobody can come back to such a connection */
	g_hash_table_remove(senders, &conn);
	direct_inbox_push(&(struct direct_record){ .kind = DIRECT_GONE, .at = arg, .conn = conn });
}

const struct cardea_web_socket direct_web_hooks = { .size = sizeof direct_web_hooks,
	.opened = on_opened,
	.message = on_message,
	.closed = on_closed,
	.alive = on_alive };
