/* SPDX-License-Identifier: Apache-2.0 */

/** @file
 * Admin requests about sessions and handles. admin.c finds them in the table at the end;
 * handle_info waits in stats_query.c. */

#include <glib.h>
#include "admin_table.h"
#include "error.h"
#include "handle.h"
#include "reply.h"
#include "session.h"
#include "stats_query.h"

static void on_list_sessions(struct request *r, const struct cardea_args *a)
{
	(void)a;
	request_succeed(r, json_pack("{s:o}", "sessions", sessions_list()));
}

static void on_list_handles(struct request *r, const struct cardea_args *a)
{
	GHashTableIter it;
	gpointer h;
	json_t *ids = json_array();
	(void)a;
	g_hash_table_iter_init(&it, r->session->handles);
	while (g_hash_table_iter_next(&it, NULL, &h))
		json_array_append_new(
			ids, json_integer((json_int_t)((struct cardea_handle *)h)->id));
	request_succeed(r, json_pack("{s:o}", "handles", ids));
}

static void on_destroy_session(struct request *r, const struct cardea_args *a)
{
	struct session *s = r->session;
	(void)a;
	request_succeed(r, NULL);
	session_destroy(s);
}

static const struct cardea_field timeout_fields[] = {
	{ "timeout", CARDEA_INT, .required = true,
		.note = "seconds; 0: for ever; -1: from now on what holds for any session" },
	{ 0 },
};

static void on_session_timeout(struct request *r, const struct cardea_args *a)
{
	int64_t seconds = cardea_int(a, "timeout");
	if (seconds < -1 || seconds > G_MAXINT) {
		request_fail(r, API_INVALID_ELEMENT,
			"Invalid element type (timeout should be a non-negative integer or -1)");
		return;
	}
	session_set_timeout(r->session, (int)seconds);
	json_t *msg = reply_new("success", 0, r->transaction);
	json_object_set_new(msg, "timeout", json_integer(seconds));
	json_object_set_new(msg, "session_id", json_integer((json_int_t)r->session_id));
	reply_send(&r->from, msg);
}

static void on_detach_handle(struct request *r, const struct cardea_args *a)
{
	struct cardea_handle *h = r->handle;
	(void)a;
	request_succeed(r, NULL);
	handle_detach(h);
}

static void on_hangup_webrtc(struct request *r, const struct cardea_args *a)
{
	struct cardea_handle *h = r->handle;
	(void)a;
	request_succeed(r, NULL);
	handle_hangup(h, "Admin API");
}

static const struct cardea_field info_fields[] = {
	{ "plugin_only", CARDEA_BOOL, .note = "only what the plugin says of it" },
	{ 0 },
};

static void on_handle_info(struct request *r, const struct cardea_args *a)
{
	stats_query_handle_info(r, cardea_bool(a, "plugin_only"));
}

const struct admin_request admin_of_sessions[] = {
	{ "list_sessions", ADMIN_SERVER, NULL, on_list_sessions, "List the sessions." },
	{ "list_handles", ADMIN_SESSION, NULL, on_list_handles, "List the handles of a session." },
	{ "destroy_session", ADMIN_SESSION, NULL, on_destroy_session,
		"End a session with all of its handles." },
	{ "set_session_timeout", ADMIN_SESSION, timeout_fields, on_session_timeout,
		"Set how long one session lives without a request, in place of what holds for any. "
		"The "
		"value for any is set at the server." },
	{ "handle_info", ADMIN_HANDLE, info_fields, on_handle_info,
		"Tell all that is known of a handle: its plugin, its PeerConnection, what is sent "
		"and lost." },
	{ "detach_handle", ADMIN_HANDLE, NULL, on_detach_handle, "End a handle." },
	{ "hangup_webrtc", ADMIN_HANDLE, NULL, on_hangup_webrtc,
		"Close the PeerConnection of a handle, which stays." },
	{ 0 },
};
