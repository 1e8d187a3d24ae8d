/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The API over HTTP: requests by POST, events by long poll. All HTTP clients are one client of the
 * core; what tells their exchanges apart is the request's name in the web host. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include "answer.h"
#include "options.h"
#include "poll.h"
#include "request.h"
#include "table.h"

extern CARDEA_API const struct cardea_transport cardea_transport;

enum server { HTTP, HTTPS, ADMIN_HTTP, ADMIN_HTTPS, N_SERVERS };
static const char *const server_names[N_SERVERS] = { "http", "https", "admin_http", "admin_https" };

/** An exchange that is going on: which server it counts for. */
struct call {
	struct item item;
	enum server server;
};

static struct endpoint api = { .transport = &cardea_transport };
static struct endpoint admin_api = { .transport = &cardea_transport, .admin = true };
static bool is_on[N_SERVERS];
static _Atomic int n_calls[N_SERVERS];
static _Atomic unsigned n_messages;
static struct table calls; /* web thread */

/* ---- web thread ---- */

static void on_request(void *arg, const struct cardea_web_request *r)
{
	const struct endpoint *ep = arg;
	struct call *c = calloc(1, sizeof *c);

	atomic_fetch_add(&n_messages, 1);
	if (cardea_transport_events_are_on())
		cardea_transport_notify(&cardea_transport, r->id,
			json_pack("{s:s, s:b, s:s}", "event", "request", "admin_api", ep->admin,
				"ip", r->ip));
	if (c) {
		c->item.key = r->id;
		c->server = (ep->admin ? ADMIN_HTTP : HTTP) + r->secure;
		if (table_put(&calls, &c->item))
			atomic_fetch_add(&n_calls[c->server], 1);
		else
			free(c);
	}
	request_serve(ep, r);
}

static void on_late(void *arg, uint64_t id)
{
	(void)arg;
	if (!poll_late(id))
		answer_empty(id, 504, NULL, NULL);
}

static void on_ended(void *arg, uint64_t id, bool delivered)
{
	struct call *c = table_get(&calls, id);
	(void)arg;
	poll_ended(id, delivered);
	if (!c)
		return;
	table_remove(&calls, &c->item);
	atomic_fetch_sub(&n_calls[c->server], 1);
	free(c);
}

/* ---- control thread to web thread ---- */

struct word {
	uint64_t request, session_id;
	int status;
	bool owned;
	struct cardea_text *text;
};

static void allowed_here(const void *rec, size_t len)
{
	const struct word *w = rec;
	(void)len;
	poll_allowed(w->request, w->session_id, w->status);
}

static void polled(uint64_t client, uint64_t request, uint64_t session_id, int status)
{
	const struct word w = { .request = request, .session_id = session_id, .status = status };
	(void)client;
	cardea_web_post(allowed_here, &w, sizeof w);
}

static void owned_here(const void *rec, size_t len)
{
	const struct word *w = rec;
	(void)len;
	poll_own(w->session_id, w->owned);
}

static void owns(uint64_t client, uint64_t session_id, bool owner)
{
	const struct word w = { .session_id = session_id, .owned = owner };
	(void)client;
	cardea_web_post(owned_here, &w, sizeof w);
}

static void event_here(const void *rec, size_t len)
{
	const struct word *w = rec;
	(void)len;
	poll_event(w->session_id, w->text);
}

static void send_text(
	uint64_t client, uint64_t request, uint64_t session_id, struct cardea_text *text)
{
	const struct word w = { .session_id = session_id, .text = text };
	(void)client;
	if (request)
		answer_text(request, text);
	else if (!cardea_web_post(event_here, &w, sizeof w))
		cardea_text_drop(text);
}

static void refuse(
	uint64_t client, uint64_t request, int code, const char *reason, unsigned retry_s)
{
	(void)client;
	answer_busy(request, code, reason, retry_s);
}

/* ---- control thread ---- */

static const char *option(const struct cardea_args *a, const char *name)
{
	const char *s = cardea_str(a, name);
	return s && *s ? s : NULL;
}

static const char *bind_to(
	const struct cardea_args *a, const char *ip, const char *interface, const char *otherwise)
{
	const char *s = option(a, ip);
	if (!s)
		s = option(a, interface);
	return s ? s : otherwise;
}

/** Where an option stands. */
struct spot {
	const struct cardea_conf *conf;
	const char *section, *option;
};

static const char *mount(struct endpoint *ep, const struct spot *at, const char *base,
	const struct cardea_web_place *place)
{
	static const struct cardea_web_pages hooks = {
		.size = sizeof hooks, .request = on_request, .late = on_late, .ended = on_ended
	};
	size_t len = strlen(base);

	while (len && base[len - 1] == '/')
		len--;
	/* it goes into Location */
	if (!len || len >= sizeof ep->base ||
		base[strspn(base, "/-._~!$&'()*+,;=:@0123456789abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ")]) {
		cardea_conf_wrong(at->conf, true, at->section, at->option,
			"'%.100s' is no path of an API: it must look like /name", base);
		return NULL;
	}
	memcpy(ep->base, base, len);
	ep->base[len] = '\0';
	if (!place->port && !place->secure_port)
		return NULL;
	return cardea_web_mount_path(ep->base, place, &hooks, ep);
}

static const char *mount_api(
	const struct cardea_conf *conf, const struct cardea_args *a, struct cardea_web_place p)
{
	const struct spot at = { conf, "general", "base_path" };
	is_on[HTTP] = cardea_bool(a, "http");
	is_on[HTTPS] = cardea_bool(a, "https");
	p.port = is_on[HTTP] ? (unsigned)cardea_int(a, "port") : 0;
	p.secure_port = is_on[HTTPS] ? (unsigned)cardea_int(a, "secure_port") : 0;
	p.ip = bind_to(a, "ip", "interface", NULL);
	p.secure_ip = bind_to(a, "secure_ip", "secure_interface", NULL);
	/* who names addresses does not want it anywhere else */
	p.shared = (p.port || p.secure_port) && !p.ip && !p.secure_ip;
	p.acl = option(a, "acl");
	p.acl_forwarded = cardea_bool(a, "acl_forwarded");
	return mount(&api, &at, cardea_str(a, "base_path"), &p);
}

static const char *mount_admin(
	const struct cardea_conf *conf, const struct cardea_args *a, struct cardea_web_place p)
{
	const struct spot at = { conf, "admin", "admin_base_path" };
	is_on[ADMIN_HTTP] = cardea_bool(a, "admin_http");
	is_on[ADMIN_HTTPS] = cardea_bool(a, "admin_https");
	p.port = is_on[ADMIN_HTTP] ? (unsigned)cardea_int(a, "admin_port") : 0;
	p.secure_port = is_on[ADMIN_HTTPS] ? (unsigned)cardea_int(a, "admin_secure_port") : 0;
	p.ip = bind_to(a, "admin_ip", "admin_interface", "127.0.0.1");
	p.secure_ip = bind_to(a, "admin_secure_ip", "admin_secure_interface", "127.0.0.1");
	p.acl = option(a, "admin_acl");
	p.acl_forwarded = cardea_bool(a, "admin_acl_forwarded");
	p.admin = true;
	return mount(&admin_api, &at, cardea_str(a, "admin_base_path"), &p);
}

static const char *start(const struct cardea_conf *conf)
{
	const struct cardea_args general = cardea_conf_section(conf, "general");
	const struct cardea_args admin = cardea_conf_section(conf, "admin");
	const struct cardea_args cors = cardea_conf_section(conf, "cors");
	const struct cardea_args certs = cardea_conf_section(conf, "certificates");
	struct cardea_web_place p = { .size = sizeof p,
		.cert_pem = option(&certs, "cert_pem"),
		.cert_key = option(&certs, "cert_key"),
		.cert_pwd = option(&certs, "cert_pwd"),
		.ciphers = option(&certs, "ciphers"),
		.allow_origin = option(&cors, "allow_origin"),
		.enforce_origin = cardea_bool(&cors, "enforce_cors") };

	answer_set_style(cardea_style(cardea_str(&general, "json")));
	p.port_from = cardea_conf_where(conf, "general", "port");
	p.secure_port_from = cardea_conf_where(conf, "general", "secure_port");
	const char *why = mount_api(conf, &general, p);
	if (why)
		return why;
	p.port_from = cardea_conf_where(conf, "admin", "admin_port");
	p.secure_port_from = cardea_conf_where(conf, "admin", "admin_secure_port");
	return mount_admin(conf, &admin, p);
}

static void free_call(struct item *i)
{
	free(i);
}

static void stop(void)
{
	poll_stop();
	table_clear(&calls, free_call);
}

/* ---- query_transport ---- */

static json_t *connections(void)
{
	json_t *counts = json_object();
	for (int i = 0; i < N_SERVERS; i++)
		if (is_on[i])
			json_object_set_new(counts, server_names[i], json_integer(n_calls[i]));
	return json_pack("{s:i, s:o, s:I}", "result", 200, "connections", counts, "messages",
		(json_int_t)n_messages);
}

static json_t *query(const json_t *request)
{
	return cardea_serve_query(request, answer_set_style, connections);
}

CARDEA_API const struct cardea_transport cardea_transport = {
	.size = sizeof(struct cardea_transport),
	.abi = CARDEA_TRANSPORT_ABI,
	.name = "http",
	.title = "Cardea REST transport",
	.description = "The API over HTTP with long polls, on the web host's ports and on ports of "
		       "its own.",
	.author = "The Cardea developers",
	.version = 1,
	.version_string = "0.1.0",
	.options = http_options,
	.by_address = true,
	.refuse = refuse,
	.start = start,
	.stop = stop,
	.style = answer_style,
	.send = send_text,
	.owns = owns,
	.polled = polled,
	.query = query,
};
