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

static const struct cardea_field attach_fields[] = {
	{ "plugin", CARDEA_STR, .required = true, .max = NAME_BYTES,
		.note = "package of the plugin: cardea.plugin.<name> or janus.plugin.<name>" },
	{ "opaque_id", CARDEA_STR, .max = CHOSEN_BYTES,
		.note = "of the client's own, to find the handle again in the log, in handle_info "
			"and, with general.opaqueid_in_api, in answers" },
	{ "loop_index", CARDEA_UINT, .note = "accepted, no effect" },
	{ 0 },
};

static void on_attach(struct request *r)
{
	struct cardea_args a = { r->tree, attach_fields };
	char why[128];
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
	struct hook hook;
	hook_enter(&hook, api, "hangup");
	api->hangup(r->handle, "Janus API");
	hook_leave(&hook);
}

static void on_detach(struct request *r)
{
	struct cardea_handle *h = r->handle;
	request_succeed(r, NULL);
	handle_detach(h);
}

/* ---- who handles what ---- */

const struct api_request api_requests[] = {
	{ "info", LEVEL_SERVER, NULL, on_info,
		"Tell what the server is: its version, options, plugins and transports." },
	{ "ping", LEVEL_SERVER, NULL, on_ping, "Answer with `pong`." },
	{ "create", LEVEL_SERVER, NULL, on_create,
		"Make a session, which is what a client's handles and events belong to." },
	{ "keepalive", LEVEL_SESSION | LEVEL_HANDLE, NULL, on_keepalive,
		"Keep a session alive that has nothing else to ask for: it ends after "
		"general.session_timeout seconds without a request." },
	{ "attach", LEVEL_SESSION, attach_fields, on_attach,
		"Make a handle: one use of one plugin, with at most one PeerConnection." },
	{ "claim", LEVEL_SESSION | LEVEL_HANDLE, NULL, on_claim,
		"Take a session over to this connection, with its events from now on." },
	{ "destroy", LEVEL_SESSION, NULL, on_destroy, "End a session with all of its handles." },
	{ "message", LEVEL_HANDLE, message_fields, message_request,
		"Hand a message to the plugin of a handle; see the requests of plugins below. It "
		"is answered by `success` with what the plugin says, or by `ack` and later an "
		"`event` with the same transaction." },
	{ "trickle", LEVEL_HANDLE, trickle_fields, trickle_request,
		"Tell candidates of the client's. One of `candidate` and `candidates` is "
		"needed." },
	{ "hangup", LEVEL_HANDLE, NULL, on_hangup,
		"Close the PeerConnection of a handle, which stays." },
	{ "detach", LEVEL_HANDLE, NULL, on_detach, "End a handle." },
	{ "explain", LEVEL_HANDLE, NULL, explain_request,
		"Say why nothing moves on the m-lines of a handle's PeerConnection, as far as the "
		"server knows." },
	{ 0 },
};

static void run(struct request *r, enum level level)
{
	bool known = false;
	for (const struct api_request *q = api_requests; q->name; q++) {
		if (g_ascii_strcasecmp(q->name, r->name) != 0)
			continue;
		if (q->levels & level) {
			if (request_check(r, q->fields))
				q->fn(r);
			return;
		}
		known = q->levels != LEVEL_SERVER;
	}
	if (known || level == LEVEL_SERVER)
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
		run(r, LEVEL_SERVER);
		return;
	}
	if (!r->session_id)
		request_fail(r, API_NO_SESSION, "Session not found");
	else if (r->has_handle && !r->handle_id)
		request_fail(r, API_NO_HANDLE, "Handle not found");
	else if (!auth_request(r->tree))
		request_fail(r, API_UNAUTHORIZED, UNAUTHORIZED_TEXT);
	else if (request_find(r))
		run(r, r->handle ? LEVEL_HANDLE : LEVEL_SESSION);
}

void dispatch_request(const struct cardea_origin *from, const json_t *tree)
{
	struct request r = { .from = *from, .tree = tree };
	if (from->admin)
		admin_request(&r);
	else
		dispatch(&r);
}
