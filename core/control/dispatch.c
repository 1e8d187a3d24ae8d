/* SPDX-License-Identifier: Apache-2.0 */
#include "admin.h"
#include "api_request.h"
#include "auth.h"
#include "dispatch.h"
#include "error.h"
#include "explain_request.h"
#include "handle.h"
#include "hook.h"
#include "info.h"
#include "message.h"
#include "options.h"
#include "plugins.h"
#include "reply.h"
#include "session.h"
#include "trickle.h"

/* ---- requests without a session ---- */

static void on_info(struct request *r)
{
	reply_send(&r->from, info_answer(r->transaction));
}

static void on_ping(struct request *r)
{
	reply_send(&r->from, reply_new("pong", 0, r->transaction));
}

static void on_create(struct request *r)
{
	uint64_t wanted = (uint64_t)json_integer_value(json_object_get(r->tree, "id"));
	if (!settings.accepting) {
		request_fail(r, API_NOT_ACCEPTING, "Currently not accepting new sessions");
		return;
	}
	if (!auth_request(r->tree)) {
		request_fail(r, API_UNAUTHORIZED, UNAUTHORIZED_TEXT);
		return;
	}
	if (wanted && session_find(wanted)) {
		r->session_id = wanted;
		request_fail(r, API_SESSION_CONFLICT, "Session ID already in use");
		return;
	}
	struct session *s;
	char why[128];
	if (session_create(&s, wanted, &r->from, why))
		request_fail(r, API_NOT_ACCEPTING, "%s", why);
	else
		request_succeed(r, json_pack("{s:{s:I}}", "data", "id", (json_int_t)s->id));
}

/* ---- requests on a session ---- */

static void on_keepalive(struct request *r)
{
	reply_send(&r->from, reply_new("ack", r->session_id, r->transaction));
}

static void on_attach(struct request *r)
{
	static const struct cardea_field fields[] = {
		{ "plugin", CARDEA_STR, .required = true, .max = NAME_BYTES },
		{ "opaque_id", CARDEA_STR, .max = CHOSEN_BYTES },
		{ .name = "loop_index", .type = CARDEA_UINT },
		{ 0 },
	};
	struct cardea_args a = { r->tree, fields };
	char why[128];
	if (!request_check(r, fields))
		return;
	const char *package = cardea_str(&a, "plugin");
	struct plugin *plugin = plugin_find(package);
	if (!plugin) {
		request_fail(r, API_NO_PLUGIN, "No such plugin '%.100s'", package);
		return;
	}
	if (!auth_plugin(r->tree, plugin->api->name)) {
		request_fail(r, API_UNAUTHORIZED_PLUGIN, "Provided token can't access plugin '%s'",
			package);
		return;
	}
	struct cardea_handle *h =
		handle_create(r->session, plugin, package, cardea_str(&a, "opaque_id"),
			json_string_value(json_object_get(r->tree, "token")), why);
	if (!h)
		request_fail(r, API_PLUGIN_ATTACH, "%s", why);
	else
		request_succeed(r, json_pack("{s:{s:I}}", "data", "id", (json_int_t)h->id));
}

static void on_claim(struct request *r)
{
	session_claim(r->session, &r->from);
	request_succeed(r, NULL);
}

static void on_destroy(struct request *r)
{
	struct session *s = r->session;
	request_succeed(r, NULL);
	session_destroy(s);
}

/* ---- requests on a handle ---- */

static void on_hangup(struct request *r)
{
	const struct cardea_plugin *api = r->handle->plugin->api;
	request_succeed(r, NULL);
	if (handle_hangup(r->handle, "Janus API") || !api->hangup)
		return;
	/* Without a PeerConnection the plugin is told all the same: clients wait for what it says
	 * ("done"). */
	hook_enter();
	api->hangup(r->handle, "Janus API");
	hook_leave();
}

static void on_detach(struct request *r)
{
	struct cardea_handle *h = r->handle;
	request_succeed(r, NULL);
	handle_detach(h);
}

/* ---- who handles what ---- */

enum level { SERVER = 1, SESSION = 2, HANDLE = 4 };
static const struct {
	const char *name;
	unsigned levels;
	void (*fn)(struct request *r);
} requests[] = {
	{ "info", SERVER, on_info },
	{ "ping", SERVER, on_ping },
	{ "create", SERVER, on_create },
	{ "keepalive", SESSION | HANDLE, on_keepalive },
	{ "attach", SESSION, on_attach },
	{ "claim", SESSION | HANDLE, on_claim },
	{ "destroy", SESSION, on_destroy },
	{ "message", HANDLE, message_request },
	{ "trickle", HANDLE, trickle_request },
	{ "hangup", HANDLE, on_hangup },
	{ "detach", HANDLE, on_detach },
	{ "explain", HANDLE, explain_request },
};

static void run(struct request *r, enum level level)
{
	bool known = false;
	for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
		if (g_ascii_strcasecmp(requests[i].name, r->name) != 0)
			continue;
		if (requests[i].levels & level) {
			requests[i].fn(r);
			return;
		}
		known = requests[i].levels != SERVER;
	}
	if (known || level == SERVER)
		request_fail(
			r, API_INVALID_PATH, "Unhandled request '%.100s' at this path", r->name);
	else
		request_fail(r, API_UNKNOWN_REQUEST, "Unknown request '%.100s'", r->name);
}

static void dispatch(struct request *r)
{
	if (!request_read(r))
		return;
	if (!r->session_id && !r->handle_id) {
		run(r, SERVER);
		return;
	}
	if (!r->session_id)
		request_fail(r, API_NO_SESSION, "Session not found");
	else if (r->has_handle && !r->handle_id)
		request_fail(r, API_NO_HANDLE, "Handle not found");
	else if (!auth_request(r->tree))
		request_fail(r, API_UNAUTHORIZED, UNAUTHORIZED_TEXT);
	else if (request_find(r))
		run(r, r->handle ? HANDLE : SESSION);
}

void dispatch_request(const struct cardea_origin *from, const json_t *tree)
{
	struct request r = { .from = *from, .tree = tree };
	if (from->admin)
		admin_request(&r);
	else
		dispatch(&r);
}
