/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base.h"
#include "client.h"
#include "options.h"
#include "part.h"
#include "peer.h"

static struct client **clients;
static int n_clients, room_for;

static uint64_t keepalive_after(uint64_t now)
{
	return now + 20 * NS_PER_S + rand64() % (5 * NS_PER_S);
}

static void attach(struct handle *h)
{
	h->is_attaching = true;
	h->attach_ns = now_ns();
	ws_sendf(h->client->ws,
		"{\"janus\":\"attach\",\"session_id\":%llu,\"plugin\":\"%s\",\"transaction\":\"a.%"
		"d.%d\"}",
		(unsigned long long)h->client->session, part_plugin(h->part), h->client->index,
		h->index);
}

/* A transaction is OPERATION.CLIENT.HANDLE. */
static struct client *client_of(const char *transaction, char *operation, struct handle **h)
{
	int client = -1, handle = -1;
	*operation = 0;
	if (!transaction || sscanf(transaction, "%c.%d.%d", operation, &client, &handle) != 3 ||
		client < 0 || client >= n_clients)
		return NULL;
	struct client *c = clients[client];
	if (*operation != 'c' && handle >= 0 && handle < c->n)
		*h = c->handle[handle];
	return c;
}

static uint64_t id_in(json_t *m)
{
	return (uint64_t)json_integer_value(json_object_get(json_object_get(m, "data"), "id"));
}

static void on_session(struct client *c, json_t *m)
{
	c->session = id_in(m);
	for (int i = 0; i < c->n; i++)
		if (!c->handle[i]->is_attaching)
			attach(c->handle[i]);
}

static void on_attached(struct handle *h, json_t *m)
{
	h->id = id_in(m);
	h->attached_ns = now_ns();
	part_attached(h);
}

static void on_notice(struct handle *h, const char *kind, json_t *m)
{
	const char *line =
		json_string_value(json_object_get(json_object_get(m, "candidate"), "candidate"));
	if (!strcmp(kind, "webrtcup")) {
		if (!h->is_up)
			h->up_ns = now_ns();
		h->is_up = true;
	} else if (!strcmp(kind, "trickle") && h->peer && line) {
		peer_add_candidate(h->peer, line);
	} else if (!strcmp(kind, "hangup") && !h->is_done && !client_is_leaving) {
		const char *why = json_string_value(json_object_get(m, "reason"));
		handle_fail(h, why ? why : "hangup");
	}
}

static void on_error(struct handle *h, json_t *m)
{
	const char *why = json_string_value(json_object_get(json_object_get(m, "error"), "reason"));
	if (client_is_leaving || (h && h->is_done))
		return;
	if (h) {
		handle_fail(h, why ? why : "error");
		return;
	}
	client_errors++;
	say(0, "the server says: %s", why ? why : "error");
}

static struct handle *sender_of(struct ws *w, json_t *m)
{
	uint64_t id = (uint64_t)json_integer_value(json_object_get(m, "sender"));
	for (int i = 0; id && i < n_clients; i++) {
		/* a shared WebSocket has no owner */
		struct client *c = w->owner ? w->owner : clients[i];
		for (int k = 0; k < c->n && c->ws == w; k++)
			if (c->handle[k]->id == id)
				return c->handle[k];
		if (w->owner)
			break;
	}
	return NULL;
}

static void take(struct ws *w, json_t *m)
{
	char operation;
	struct handle *h = sender_of(w, m);
	const char *kind = json_string_value(json_object_get(m, "janus"));
	struct client *c =
		client_of(json_string_value(json_object_get(m, "transaction")), &operation, &h);
	bool is_success = kind && !strcmp(kind, "success");
	if (!kind || (!strcmp(kind, "timeout") && !client_is_leaving))
		client_errors++;
	else if (!strcmp(kind, "error"))
		on_error(h, m);
	else if (is_success && operation == 'c' && c)
		on_session(c, m);
	else if (is_success && operation == 'a' && h)
		on_attached(h, m);
	else if (h && (is_success || !strcmp(kind, "event"))) {
		if (!h->is_done)
			part_event(h, m);
	} else if (h)
		on_notice(h, kind, m);
}

static void on_text(struct ws *w, const char *text, size_t n)
{
	json_error_t e;
	json_t *m = json_loadb(text, n, 0, &e);
	if (!m) {
		client_errors++;
		say(0, "the server sent what is not JSON: %s", e.text);
		return;
	}
	take(w, m);
	json_decref(m);
}

static struct ws *socket_for(struct client *c)
{
	static struct ws *shared;
	if (opt.ws_share < 2)
		return ws_open(on_text, c);
	if (!shared || shared->users >= opt.ws_share)
		shared = ws_open(on_text, NULL);
	return shared;
}

struct client *client_create(void)
{
	struct client *c = make(1, sizeof(*c));
	if (n_clients == room_for) {
		room_for = room_for ? room_for * 2 : 64;
		clients = grow(clients, sizeof(*clients) * (size_t)room_for);
	}
	c->index = n_clients;
	clients[n_clients++] = c;
	c->ws = socket_for(c);
	c->ws->users++;
	c->next_keepalive_ns = keepalive_after(now_ns());
	ws_sendf(c->ws, "{\"janus\":\"create\",\"transaction\":\"c.%d.0\"}", c->index);
	return c;
}

struct handle *client_attach(struct client *c, enum part part, struct handle **feeds, int n_feeds)
{
	struct handle *h = make(1, sizeof(*h));
	h->client = c;
	h->part = part;
	h->index = c->n;
	h->feeds = make((size_t)n_feeds, sizeof(*feeds));
	h->n_feeds = n_feeds;
	if (n_feeds)
		memcpy(h->feeds, feeds, sizeof(*feeds) * (size_t)n_feeds);
	c->handle = grow(c->handle, sizeof(*c->handle) * (size_t)(c->n + 1));
	c->handle[c->n++] = h;
	if (c->session)
		attach(h);
	return h;
}

static void finish(struct handle *h)
{
	h->is_done = true;
	peer_destroy(h->peer);
	h->peer = NULL;
}

void client_detach(struct handle *h)
{
	if (h->is_done)
		return;
	finish(h);
	if (h->id)
		ws_sendf(h->client->ws,
			"{\"janus\":\"detach\",\"session_id\":%llu,\"handle_id\":%llu,"
			"\"transaction\":\"d.%d.%d\"}",
			(unsigned long long)h->client->session, (unsigned long long)h->id,
			h->client->index, h->index);
}

void client_destroy(struct client *c)
{
	if (c->is_gone)
		return;
	c->is_gone = true;
	for (int i = 0; i < c->n; i++)
		finish(c->handle[i]);
	if (c->session)
		ws_sendf(c->ws,
			"{\"janus\":\"destroy\",\"session_id\":%llu,\"transaction\":\"x.%d.0\"}",
			(unsigned long long)c->session, c->index);
}

void clients_keepalive(uint64_t now)
{
	for (int i = 0; i < n_clients; i++) {
		struct client *c = clients[i];
		if (c->is_gone || !c->session || now < c->next_keepalive_ns)
			continue;
		c->next_keepalive_ns = keepalive_after(now);
		ws_sendf(c->ws,
			"{\"janus\":\"keepalive\",\"session_id\":%llu,\"transaction\":\"k.%d.0\"}",
			(unsigned long long)c->session, c->index);
	}
}
