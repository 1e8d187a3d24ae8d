/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include "admin.h"
#include "answer.h"
#include "auth.h"
#include "dispatch.h"
#include "error.h"
#include "handle.h"
#include "hook.h"
#include "info.h"
#include "message.h"
#include "options.h"
#include "plugin.h"
#include "trickle.h"

#define CHOSEN_BYTES 1024 /* of what clients choose and get back */

static const struct cardea_codes codes = { .missing = API_MISSING_ELEMENT,
	.invalid = API_INVALID_ELEMENT };

/* ---- answers ---- */

void request_fail(const struct request *r, int code, const char *fmt, ...)
{
	char reason[512];
	va_list args;
	va_start(args, fmt);
	vsnprintf(reason, sizeof reason, fmt, args);
	va_end(args);
	answer_send(&r->from, answer_error(r->session_id, r->transaction, code, reason));
}

void request_succeed(const struct request *r, json_t *more)
{
	json_t *msg = answer_new("success", r->session_id, r->transaction);
	if (more)
		json_object_update(msg, more);
	json_decref(more);
	answer_send(&r->from, msg);
}

/* ---- checks that all requests share ---- */

bool request_check(const struct request *r, const struct cardea_field *fields)
{
	struct cardea_error e;
	if (cardea_check(r->tree, fields, &codes, &e))
		return true;
	request_fail(r, e.code, "%s", e.reason);
	return false;
}

const char *request_transaction(const json_t *tree)
{
	const json_t *t = json_object_get(tree, "transaction");
	return json_string_length(t) <= CHOSEN_BYTES ? json_string_value(t) : NULL;
}

/* A secret of another type counts as missing, which is for auth to say. */
static bool check_secrets(const struct request *r)
{
	static const struct cardea_field fields[] = {
		{ "apisecret", CARDEA_STR, .max = AUTH_BYTES },
		{ "token", CARDEA_STR, .max = AUTH_BYTES },
		{ "admin_secret", CARDEA_STR, .max = AUTH_BYTES },
		{ 0 },
	};
	for (unsigned i = 0; fields[i].name; i++) {
		const struct cardea_field one[] = {
			fields[i],
			{ 0 },
		};
		if (json_is_string(json_object_get(r->tree, fields[i].name)) &&
			!request_check(r, one))
			return false;
	}
	return true;
}

bool request_read(struct request *r)
{
	/* Refused, none of them is sent back: a text that is too long is no transaction. */
	static const struct cardea_field fields[] = {
		{ "transaction", CARDEA_STR, .required = true, .max = CHOSEN_BYTES },
		{ "janus", CARDEA_STR, .required = true, .max = NAME_BYTES },
		{ .name = "id", .type = CARDEA_UINT },
		{ 0 },
	};
	const json_t *id = json_object_get(r->tree, "session_id");
	const json_t *handle_id = json_object_get(r->tree, "handle_id");
	/* Anything but an integer counts as absent; the aiortc-based client really sends null. */
	r->session_id = (uint64_t)json_integer_value(id);
	r->handle_id = (uint64_t)json_integer_value(handle_id);
	r->has_handle = handle_id && !json_is_null(handle_id);
	if (json_is_array(r->tree)) {
		request_fail(r, API_MISSING_ELEMENT, "Missing mandatory element (transaction)");
		return false;
	}
	if (!json_is_object(r->tree)) {
		request_fail(
			r, API_INVALID_JSON, "Invalid Janus API request - '[' or '{' expected");
		return false;
	}
	if (!request_check(r, fields))
		return false;
	r->transaction = request_transaction(r->tree);
	r->name = json_string_value(json_object_get(r->tree, "janus"));
	return check_secrets(r);
}

bool request_find(struct request *r)
{
	r->session = session_find(r->session_id);
	if (!r->session) {
		request_fail(r, API_NO_SESSION, "No such session %" PRIu64, r->session_id);
		return false;
	}
	/* The Admin API only looks on: it keeps no session alive. */
	if (!r->from.admin)
		session_touch(r->session);
	if (!r->has_handle)
		return true;
	r->handle = handle_find(r->session, r->handle_id);
	if (!r->handle)
		request_fail(r, API_NO_HANDLE, "No such handle %" PRIu64 " in session %" PRIu64,
			r->handle_id, r->session_id);
	return r->handle != NULL;
}

/* ---- requests without a session ---- */

static void on_info(struct request *r)
{
	answer_send(&r->from, info_answer(r->transaction));
}

static void on_ping(struct request *r)
{
	answer_send(&r->from, answer_new("pong", 0, r->transaction));
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
	answer_send(&r->from, answer_new("ack", r->session_id, r->transaction));
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
