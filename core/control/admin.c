/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include "../base/log.h"
#include "admin.h"
#include "answer.h"
#include "ask.h"
#include "auth.h"
#include "error.h"
#include "handle.h"
#include "hook.h"
#include "info.h"
#include "options.h"
#include "plugin.h"
#include "session.h"
#include "transport.h"

/* ---- the server ---- */

static void on_status(struct request *r)
{
	const struct settings *s = &settings;
	request_succeed(r,
		json_pack("{s:{s:b, s:I, s:I, s:I, s:i, s:b, s:b, s:b, s:b, s:I, s:b, s:I, s:I}}",
			"status", "token_auth", s->token_auth, "session_timeout",
			(json_int_t)s->session_timeout_s, "reclaim_session_timeout",
			(json_int_t)s->reclaim_s, "candidates_timeout",
			(json_int_t)s->candidates_timeout_s, "log_level", log_level(),
			"log_timestamps", s->log.timestamps, "log_colors", s->log.colors,
			"locking_debug", 0, "refcount_debug", 0, "min_nack_queue",
			(json_int_t)(s->rtc.router.nack_history_us / 1000), "nack-optimizations", 0,
			"no_media_timer", (json_int_t)s->rtc.router.no_media_s,
			"slowlink_threshold", (json_int_t)s->rtc.router.slowlink_threshold));
}

static void on_server_timeout(struct request *r)
{
	static const struct cardea_field fields[] = { { "timeout", CARDEA_UINT, .required = true },
		{ 0 } };
	if (!request_check(r, fields))
		return;
	json_int_t seconds = json_integer_value(json_object_get(r->tree, "timeout"));
	settings.session_timeout_s = seconds > G_MAXINT ? G_MAXINT : (unsigned)seconds;
	sessions_rearm();
	request_succeed(r, json_pack("{s:I}", "timeout", (json_int_t)settings.session_timeout_s));
}

static void on_log_level(struct request *r)
{
	static const struct cardea_field fields[] = { { "level", CARDEA_UINT, .required = true },
		{ 0 } };
	if (!request_check(r, fields))
		return;
	json_int_t level = json_integer_value(json_object_get(r->tree, "level"));
	if (level > CARDEA_LOG_DEBUG) {
		request_fail(r, API_INVALID_ELEMENT,
			"Invalid element type (level should be between 0 and 7)");
		return;
	}
	log_set_level((int)level);
	request_succeed(r, json_pack("{s:I}", "level", level));
}

static void on_accept(struct request *r)
{
	static const struct cardea_field fields[] = { { "accept", CARDEA_BOOL, .required = true },
		{ 0 } };
	if (!request_check(r, fields))
		return;
	settings.accepting = json_is_true(json_object_get(r->tree, "accept"));
	request_succeed(r, json_pack("{s:b}", "accept", settings.accepting));
}

static void on_list_sessions(struct request *r)
{
	request_succeed(r, json_pack("{s:o}", "sessions", sessions_list()));
}

/* The object that goes to a plugin or transport; absent is empty. New reference. */
static json_t *inner_request(const struct request *r)
{
	json_t *inner = json_object_get(r->tree, "request");
	return inner ? json_incref(inner) : json_object();
}

static void respond(struct request *r, json_t *response)
{
	request_succeed(r, json_pack("{s:o}", "response", response ? response : json_object()));
}

static void on_message_plugin(struct request *r)
{
	static const struct cardea_field fields[] = { { "plugin", CARDEA_STR, .required = true,
							      .max = NAME_BYTES },
		{ .name = "request", .type = CARDEA_OBJ }, { 0 } };
	if (!request_check(r, fields))
		return;
	struct plugin *p = plugin_find(json_string_value(json_object_get(r->tree, "plugin")));
	if (!p) {
		request_fail(r, API_NO_PLUGIN, "Invalid plugin");
		return;
	}
	if (!p->api->admin) {
		request_fail(r, API_UNKNOWN, "Plugin doesn't support Admin API messages");
		return;
	}
	json_t *inner = inner_request(r);
	hook_enter();
	json_t *response = p->api->admin(inner);
	hook_leave();
	json_decref(inner);
	respond(r, response);
}

static void on_query_transport(struct request *r)
{
	static const struct cardea_field fields[] = { { "transport", CARDEA_STR, .required = true,
							      .max = NAME_BYTES },
		{ .name = "request", .type = CARDEA_OBJ }, { 0 } };
	if (!request_check(r, fields))
		return;
	const struct cardea_transport *t =
		transport_find(json_string_value(json_object_get(r->tree, "transport")));
	if (!t) {
		request_fail(r, API_NO_PLUGIN, "Invalid transport");
		return;
	}
	if (!t->query) {
		request_fail(r, API_UNKNOWN, "Transport plugin doesn't support queries");
		return;
	}
	json_t *inner = inner_request(r);
	json_t *response = t->query(inner);
	json_decref(inner);
	respond(r, response);
}

/* ---- a session ---- */

static void on_list_handles(struct request *r)
{
	GHashTableIter it;
	gpointer h;
	json_t *ids = json_array();
	g_hash_table_iter_init(&it, r->session->handles);
	while (g_hash_table_iter_next(&it, NULL, &h))
		json_array_append_new(
			ids, json_integer((json_int_t)((struct cardea_handle *)h)->id));
	request_succeed(r, json_pack("{s:o}", "handles", ids));
}

static void on_destroy_session(struct request *r)
{
	struct session *s = r->session;
	request_succeed(r, NULL);
	session_destroy(s);
}

static void on_session_timeout(struct request *r)
{
	static const struct cardea_field fields[] = { { "timeout", CARDEA_INT, .required = true },
		{ 0 } };
	if (!request_check(r, fields))
		return;
	json_int_t seconds = json_integer_value(json_object_get(r->tree, "timeout"));
	if (seconds < -1 || seconds > G_MAXINT) {
		request_fail(r, API_INVALID_ELEMENT,
			"Invalid element type (timeout should be a non-negative integer or -1)");
		return;
	}
	session_set_timeout(r->session, (int)seconds);
	json_t *msg = answer_new("success", 0, r->transaction);
	json_object_set_new(msg, "timeout", json_integer(seconds));
	json_object_set_new(msg, "session_id", json_integer((json_int_t)r->session_id));
	answer_send(&r->from, msg);
}

/* ---- a handle ---- */

static void on_detach_handle(struct request *r)
{
	struct cardea_handle *h = r->handle;
	request_succeed(r, NULL);
	handle_detach(h);
}

static void on_hangup_webrtc(struct request *r)
{
	struct cardea_handle *h = r->handle;
	request_succeed(r, NULL);
	handle_hangup(h, "Admin API");
}

static void on_handle_info(struct request *r)
{
	static const struct cardea_field fields[] = {
		{ .name = "plugin_only", .type = CARDEA_BOOL }, { 0 }
	};
	if (request_check(r, fields))
		ask_handle_info(r, json_is_true(json_object_get(r->tree, "plugin_only")));
}

/* ---- who handles what ---- */

enum level { SERVER, SESSION, HANDLE };
static const struct {
	const char *name;
	enum level level;
	void (*fn)(struct request *r);
} requests[] = {
	{ "get_status", SERVER, on_status },
	{ "set_session_timeout", SERVER, on_server_timeout },
	{ "set_log_level", SERVER, on_log_level },
	{ "accept_new_sessions", SERVER, on_accept },
	{ "list_sessions", SERVER, on_list_sessions },
	{ "message_plugin", SERVER, on_message_plugin },
	{ "query_transport", SERVER, on_query_transport },
	{ "list_handles", SESSION, on_list_handles },
	{ "destroy_session", SESSION, on_destroy_session },
	{ "set_session_timeout", SESSION, on_session_timeout },
	{ "handle_info", HANDLE, on_handle_info },
	{ "detach_handle", HANDLE, on_detach_handle },
	{ "hangup_webrtc", HANDLE, on_hangup_webrtc },
};

static void run(struct request *r)
{
	enum level level = r->handle ? HANDLE : r->session ? SESSION : SERVER;
	for (size_t i = 0; i < G_N_ELEMENTS(requests); i++)
		if (requests[i].level == level &&
			g_ascii_strcasecmp(requests[i].name, r->name) == 0) {
			requests[i].fn(r);
			return;
		}
	request_fail(r, API_INVALID_PATH, "Unhandled request '%.100s' at this path", r->name);
}

/* `info` and `ping` need no secret. @return whether it was one of them */
static bool open_to_all(struct request *r)
{
	if (r->session_id || r->handle_id)
		return false;
	if (g_ascii_strcasecmp(r->name, "info") == 0)
		answer_send(&r->from, info_answer(r->transaction));
	else if (g_ascii_strcasecmp(r->name, "ping") == 0)
		answer_send(&r->from, answer_new("pong", 0, r->transaction));
	else
		return false;
	return true;
}

void admin_request(struct request *r)
{
	if (!request_read(r) || open_to_all(r))
		return;
	if (!auth_admin(r->tree)) {
		request_fail(r, API_UNAUTHORIZED, UNAUTHORIZED_TEXT);
		return;
	}
	if (!r->session_id && r->handle_id) {
		request_fail(r, API_NO_SESSION, "Session not found");
		return;
	}
	if (!r->session_id || request_find(r))
		run(r);
}
