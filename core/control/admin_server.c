/* SPDX-License-Identifier: Apache-2.0 */

/** @file
 * Admin requests about the server and its modules. admin.c finds them in the table at the end;
 * they call settings, plugins and transports. */

#include <glib.h>
#include "../base/log.h"
#include "admin_table.h"
#include "error.h"
#include "hook.h"
#include "options.h"
#include "plugin_reload.h"
#include "plugins.h"
#include "session.h"
#include "transports.h"

static void on_status(struct request *r, const struct cardea_args *a)
{
	const struct settings *s = &settings;
	(void)a;
	request_succeed(
		r, json_pack("{s:{s:b, s:I, s:I, s:I, s:i, s:b, s:b, s:i, s:b, s:b, s:b, s:I, s:b, "
			     "s:I, s:I}}",
			   "status", "token_auth", s->token_auth, "session_timeout",
			   (json_int_t)s->session_timeout_s, "reclaim_session_timeout",
			   (json_int_t)s->reclaim_s, "candidates_timeout",
			   (json_int_t)s->candidates_timeout_s, "log_level", log_level(),
			   "log_timestamps", log_timestamps(), "log_colors", log_colors(),
			   "log_rotate_sig", s->log_rotate_signal, "locking_debug",
			   s->idle.locking_debug, "refcount_debug", s->idle.refcount_debug,
			   "libnice_debug", s->idle.libnice_debug, "min_nack_queue",
			   (json_int_t)(s->rtc.router.nack_history_us / 1000), "nack-optimizations",
			   s->idle.nack_optimizations, "no_media_timer",
			   (json_int_t)s->rtc.router.no_media_s, "slowlink_threshold",
			   (json_int_t)s->rtc.router.slowlink_threshold));
}

static const struct cardea_field timeout_fields[] = {
	{ "timeout", CARDEA_UINT, .required = true, .note = "seconds; 0: for ever" },
	{ 0 },
};

static void on_timeout(struct request *r, const struct cardea_args *a)
{
	int64_t seconds = cardea_int(a, "timeout");
	settings.session_timeout_s = seconds > G_MAXINT ? G_MAXINT : (unsigned)seconds;
	sessions_rearm();
	request_succeed(r, json_pack("{s:I}", "timeout", (json_int_t)settings.session_timeout_s));
}

static const struct cardea_field accept_fields[] = {
	{ "accept", CARDEA_BOOL, .required = true, .note = "whether to accept them" },
	{ 0 },
};

static void on_accept(struct request *r, const struct cardea_args *a)
{
	settings.accepting = cardea_bool(a, "accept");
	request_succeed(r, json_pack("{s:b}", "accept", settings.accepting));
}

/* ---- what there is nothing of: taken, shown, without effect ---- */

static const struct cardea_field debug_fields[] = {
	{ "debug", CARDEA_BOOL, .required = true, .note = "no effect" },
	{ 0 },
};

static void on_debug(struct request *r, const struct cardea_args *a, const char *name, bool *wanted)
{
	*wanted = cardea_bool(a, "debug");
	request_succeed(r, json_pack("{s:b}", name, *wanted));
}

static void on_locking_debug(struct request *r, const struct cardea_args *a)
{
	on_debug(r, a, "locking_debug", &settings.idle.locking_debug);
}

static void on_refcount_debug(struct request *r, const struct cardea_args *a)
{
	on_debug(r, a, "refcount_debug", &settings.idle.refcount_debug);
}

static void on_libnice_debug(struct request *r, const struct cardea_args *a)
{
	on_debug(r, a, "libnice_debug", &settings.idle.libnice_debug);
}

/* ---- modules ---- */

/* The object that goes to a module; absent is empty. New reference. */
static json_t *inner_request(const struct cardea_args *a)
{
	json_t *inner = json_object_get(a->obj, "request");
	return inner ? json_incref(inner) : json_object();
}

static void respond(struct request *r, json_t *response)
{
	request_succeed(r, json_pack("{s:o}", "response", response ? response : json_object()));
}

static const struct cardea_field plugin_fields[] = {
	{ "plugin", CARDEA_STR, .required = true, .max = NAME_BYTES,
		.note = "package of the plugin" },
	{ "request", CARDEA_OBJ,
		.note = "one of the plugin's own requests, of those that are answered at once" },
	{ 0 },
};

static void on_message_plugin(struct request *r, const struct cardea_args *a)
{
	struct plugin *p = plugin_find(cardea_str(a, "plugin"));
	if (!p) {
		request_fail(r, API_NO_PLUGIN, "Invalid plugin");
		return;
	}
	if (!p->api->admin) {
		request_fail(r, API_UNKNOWN, "Plugin doesn't support Admin API messages");
		return;
	}
	json_t *inner = inner_request(a);
	struct hook hook;
	hook_enter(&hook, p->api, "admin");
	json_t *response = p->api->admin(inner);
	hook_leave(&hook);
	json_decref(inner);
	respond(r, response);
}

static const struct cardea_field reload_fields[] = {
	{ "plugin", CARDEA_STR, .required = true, .max = NAME_BYTES,
		.note = "package of the plugin" },
	{ 0 },
};

static void on_reload_plugin(struct request *r, const struct cardea_args *a)
{
	struct plugin *p = plugin_known(cardea_str(a, "plugin"));
	struct cardea_error e;
	if (!p)
		request_fail(r, API_NO_PLUGIN, "Invalid plugin");
	else if (!plugin_reload(p, &e))
		request_fail(r, e.code, "%s", e.reason);
	else
		request_succeed(r, json_pack("{s:s, s:i}", "version_string",
					   p->api->version_string ? p->api->version_string : "",
					   "version", p->api->version));
}

static const struct cardea_field transport_fields[] = {
	{ "transport", CARDEA_STR, .required = true, .max = NAME_BYTES,
		.note = "package of the transport" },
	{ "request", CARDEA_OBJ,
		.note = "{\"request\": \"connections\"}, or {\"request\": \"configure\"} with "
			"`json`: "
			"compact, plain or indented" },
	{ 0 },
};

/* `events` of `configure` is the core's: transports need not look. */
static void configure_events(
	const struct cardea_transport *t, const json_t *request, const json_t *response)
{
	const char *name = json_string_value(json_object_get(request, "request"));
	const json_t *on = json_object_get(request, "events");
	if (name && g_ascii_strcasecmp(name, "configure") == 0 && json_is_boolean(on) &&
		json_integer_value(json_object_get(response, "result")) == 200)
		transport_set_tells(t, json_is_true(on));
}

static void on_query_transport(struct request *r, const struct cardea_args *a)
{
	const struct cardea_transport *t = transport_find(cardea_str(a, "transport"));
	if (!t) {
		request_fail(r, API_NO_PLUGIN, "Invalid transport");
		return;
	}
	if (!t->query) {
		request_fail(r, API_UNKNOWN, "Transport plugin doesn't support queries");
		return;
	}
	json_t *inner = inner_request(a);
	json_t *response = t->query(inner);
	configure_events(t, inner, response);
	json_decref(inner);
	respond(r, response);
}

/* There are no loggers but the log itself. */
static const struct cardea_field logger_fields[] = {
	{ "logger", CARDEA_STR, .required = true, .max = NAME_BYTES,
		.note = "package of the logger" },
	{ "request", CARDEA_OBJ, .note = "what to ask it" },
	{ 0 },
};

static void on_query_logger(struct request *r, const struct cardea_args *a)
{
	(void)a;
	request_fail(r, API_NO_PLUGIN, "Invalid logger");
}

/* There are none that a client could choose by loop_index. */
static void on_loops(struct request *r, const struct cardea_args *a)
{
	(void)a;
	request_succeed(r, json_pack("{s:[]}", "loops"));
}

const struct admin_request admin_of_server[] = {
	{ "get_status", ADMIN_SERVER, NULL, on_status,
		"Tell the settings that can be changed while the server runs." },
	{ "set_session_timeout", ADMIN_SERVER, timeout_fields, on_timeout,
		"Set how long any session lives without a request." },
	{ "accept_new_sessions", ADMIN_SERVER, accept_fields, on_accept,
		"Accept new sessions, or refuse them: before a server is taken out of service." },
	{ "reload_plugin", ADMIN_SERVER, reload_fields, on_reload_plugin,
		.note = "Stop a plugin that no handle is attached to, and start what its file has "
			"now. Paths and ports that it serves stay as they were." },
	{ "message_plugin", ADMIN_SERVER, plugin_fields, on_message_plugin,
		"Send a request to a plugin, outside of any session." },
	{ "query_transport", ADMIN_SERVER, transport_fields, on_query_transport,
		"Ask a transport about itself, or set its style." },
	{ "query_logger", ADMIN_SERVER, logger_fields, on_query_logger,
		"Ask a logger: there is none, so that it is always refused." },
	{ "loops_info", ADMIN_SERVER, NULL, on_loops,
		"List event loops that a client can choose: there are none." },
	{ "set_locking_debug", ADMIN_SERVER, debug_fields, on_locking_debug,
		"Accepted and shown by get_status, no effect." },
	{ "set_refcount_debug", ADMIN_SERVER, debug_fields, on_refcount_debug,
		"Accepted and shown by get_status, no effect." },
	{ "set_libnice_debug", ADMIN_SERVER, debug_fields, on_libnice_debug,
		"Accepted and shown by get_status, no effect." },
	{ 0 },
};
