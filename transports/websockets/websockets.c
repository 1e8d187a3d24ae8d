/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The API over WebSocket: subprotocols janus-protocol and janus-admin-protocol. A connection is a
 * client; its name in the web host is its name in the core. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "options.h"

#define MAX_OBJECTS 64 /* in one message */

extern CARDEA_API const struct cardea_transport cardea_transport;

static _Atomic unsigned n_clients;
static _Atomic int style_now;

/* ---- web thread ---- */

static struct cardea_origin origin_of(void *arg, uint64_t conn, size_t bytes)
{
	return (struct cardea_origin){ .transport = &cardea_transport,
		.client = conn,
		.admin = arg != NULL,
		.address = cardea_web_address(conn),
		.bytes = bytes };
}

static void opened(void *arg, uint64_t conn, const struct cardea_web_peer *who)
{
	atomic_fetch_add(&n_clients, 1);
	if (cardea_transport_events_are_on())
		cardea_transport_notify(&cardea_transport, conn,
			json_pack("{s:s, s:b, s:s}", "event", "connected", "admin_api", arg != NULL,
				"ip", who->ip));
	CARDEA_LOG_IF(CARDEA_LOG_DEBUG, "websockets", conn, "connected", "ip=%s admin=%d", who->ip,
		arg != NULL);
}

/* janus.js closes without a code when its page is left, browsers with 1001. */
static bool is_goodbye(unsigned code)
{
	return code == 1000 || code == 1001 || code == 1005;
}

static void closed(void *arg, uint64_t conn, unsigned code)
{
	(void)arg;
	atomic_fetch_sub(&n_clients, 1);
	cardea_transport_gone(&cardea_transport, conn, is_goodbye(code));
	if (cardea_transport_events_are_on())
		cardea_transport_notify(
			&cardea_transport, conn, json_pack("{s:s}", "event", "disconnected"));
}

static bool refuse(const struct cardea_origin *from, const char *why)
{
	char reason[192];
	snprintf(reason, sizeof reason, "Invalid Janus API request - %s", why);
	return cardea_transport_garbage(from, reason);
}

/** All or nothing: one part that cannot be parsed spoils the message. @return false: the client has
 *  enough waiting */
static bool take(const struct cardea_origin *from, const char *data, size_t len)
{
	json_t *trees[MAX_OBJECTS];
	unsigned n = 0;
	char why[160];

	do {
		json_t *tree = n < MAX_OBJECTS ? cardea_web_json(&data, &len, why) : NULL;
		if (!tree) {
			bool is_full = n == MAX_OBJECTS;
			while (n)
				json_decref(trees[--n]);
			return refuse(from, is_full ? "too many objects in one message" : why);
		}
		trees[n++] = tree;
	} while (len);
	return cardea_transport_batch(from, trees, n);
}

static void message(void *arg, uint64_t conn, const char *data, size_t len)
{
	const struct cardea_origin from = origin_of(arg, conn, len);

	if (!take(&from, data, len))
		cardea_web_read(conn, false);
}

/* ---- control thread ---- */

static const char *bind_to(
	const struct cardea_args *a, const char *ip, const char *interface, const char *otherwise)
{
	const char *s = cardea_str(a, ip);
	if (!s || !*s)
		s = cardea_str(a, interface);
	return s && *s ? s : otherwise;
}

static void set_common(struct cardea_web_place *p, const struct cardea_args *cors,
	const struct cardea_args *certs, const struct cardea_args *general)
{
	p->size = sizeof *p;
	p->allow_origin = cardea_str(cors, "allow_origin");
	if (p->allow_origin && !*p->allow_origin)
		p->allow_origin = NULL;
	p->enforce_origin = cardea_bool(cors, "enforce_cors");
	p->cert_pem = cardea_str(certs, "cert_pem");
	p->cert_key = cardea_str(certs, "cert_key");
	p->cert_pwd = cardea_str(certs, "cert_pwd");
	p->ciphers = cardea_str(certs, "ciphers");
	p->ping_after_s = (unsigned)cardea_int(general, "pingpong_trigger");
	p->ping_timeout_s = (unsigned)cardea_int(general, "pingpong_timeout");
}

static const struct cardea_web_socket hooks = {
	.size = sizeof hooks, .opened = opened, .message = message, .closed = closed
};

static const char *mount_api(const struct cardea_args *a, struct cardea_web_place p)
{
	p.shared = true;
	p.port = cardea_bool(a, "ws") ? (unsigned)cardea_int(a, "ws_port") : 0;
	p.secure_port = cardea_bool(a, "wss") ? (unsigned)cardea_int(a, "wss_port") : 0;
	p.ip = bind_to(a, "ws_ip", "ws_interface", NULL);
	p.secure_ip = bind_to(a, "wss_ip", "wss_interface", NULL);
	p.acl = cardea_str(a, "ws_acl");
	p.acl_forwarded = cardea_bool(a, "ws_acl_forwarded");
	return cardea_web_mount_socket("janus-protocol", &p, &hooks, NULL);
}

static const char *mount_admin(const struct cardea_args *a, struct cardea_web_place p)
{
	static int is_admin; /* its address says so */

	p.port = cardea_bool(a, "admin_ws") ? (unsigned)cardea_int(a, "admin_ws_port") : 0;
	p.secure_port = cardea_bool(a, "admin_wss") ? (unsigned)cardea_int(a, "admin_wss_port") : 0;
	p.ip = bind_to(a, "admin_ws_ip", "admin_ws_interface", "127.0.0.1");
	p.secure_ip = bind_to(a, "admin_wss_ip", "admin_wss_interface", "127.0.0.1");
	p.acl = cardea_str(a, "admin_ws_acl");
	p.acl_forwarded = cardea_bool(a, "admin_ws_acl_forwarded");
	p.admin = true;
	if (!p.port && !p.secure_port)
		return NULL;
	return cardea_web_mount_socket("janus-admin-protocol", &p, &hooks, &is_admin);
}

static const char *start(const struct cardea_conf *conf)
{
	const struct cardea_args general = cardea_conf_section(conf, "general");
	const struct cardea_args admin = cardea_conf_section(conf, "admin");
	const struct cardea_args cors = cardea_conf_section(conf, "cors");
	const struct cardea_args certs = cardea_conf_section(conf, "certificates");
	struct cardea_web_place p = { 0 };
	const char *why;

	style_now = cardea_style(cardea_str(&general, "json"));
	set_common(&p, &cors, &certs, &general);
	if (!p.ping_after_s != !p.ping_timeout_s)
		cardea_conf_wrong(conf, false, "general",
			p.ping_after_s ? "pingpong_trigger" : "pingpong_timeout",
			"no pings: pingpong_trigger and pingpong_timeout are both needed");
	p.port_from = cardea_conf_where(conf, "general", "ws_port");
	p.secure_port_from = cardea_conf_where(conf, "general", "wss_port");
	if ((why = mount_api(&general, p)))
		return why;
	p.port_from = cardea_conf_where(conf, "admin", "admin_ws_port");
	p.secure_port_from = cardea_conf_where(conf, "admin", "admin_wss_port");
	return mount_admin(&admin, p);
}

static void stop(void)
{
}

static int style(void)
{
	return style_now;
}

static void send_text(
	uint64_t client, uint64_t request, uint64_t session_id, struct cardea_text *text)
{
	(void)request, (void)session_id;
	cardea_web_send(client, text);
}

static void resume(uint64_t client)
{
	cardea_web_read(client, true);
}

/* ---- query_transport ---- */

static void set_style(int style)
{
	style_now = style;
}

static json_t *connections(void)
{
	return json_pack("{s:i, s:i}", "result", 200, "connections", (int)n_clients);
}

static json_t *query(const json_t *request)
{
	return cardea_serve_query(request, set_style, connections);
}

CARDEA_API const struct cardea_transport cardea_transport = {
	.size = sizeof(struct cardea_transport),
	.abi = CARDEA_TRANSPORT_ABI,
	.name = "websockets",
	.title = "Cardea WebSockets transport",
	.description = "The API over WebSocket, on ports of its own and on the web host's.",
	.author = "The Cardea developers",
	.version = 1,
	.version_string = "0.1.0",
	.options = websockets_options,
	.start = start,
	.stop = stop,
	.style = style,
	.send = send_text,
	.resume = resume,
	.query = query,
};
