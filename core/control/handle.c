/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "../base/metric.h"
#include "../base/rand.h"
#include "capture.h"
#include "direct_client.h"
#include "event.h"
#include "handle.h"
#include "hook.h"
#include "options.h"
#include "peerconn.h"
#include "plugins.h"
#include "reply.h"
#include "worker_sync.h"

#define CONNECTION 6 /* subtype of events of a PeerConnection's state */

static struct metric n_handles = { .name = "cardea_control_handles", .help = "Handles now." };

static uint64_t fresh_id(const struct session *s)
{
	uint64_t id;
	do
		id = rand_id53();
	while (handle_find(s, id));
	return id;
}

static void release(struct cardea_handle *h)
{
	g_hash_table_remove(h->session->handles, &h->id);
	h->plugin->n_handles--;
	hook_forget(&h->settle);
	g_free(h->package);
	g_free(h->opaque_id);
	g_free(h->token);
	g_free(h);
}

void handle_tell(
	const struct cardea_handle *h, enum cardea_event_type type, unsigned subtype, json_t *body)
{
	if (body)
		event_tell(&(struct event){ type, subtype, h->session->id, h->id, h->opaque_id },
			body);
}

static void tell_life(const struct cardea_handle *h, const char *name)
{
	if (event_wanted(CARDEA_EVENT_HANDLE))
		handle_tell(h, CARDEA_EVENT_HANDLE, 0,
			json_pack("{s:s, s:s, s:s*, s:s*}", "name", name, "plugin",
				h->plugin->package, "opaque_id", h->opaque_id, "token", h->token));
}

/* Tell of what happened while a hook was running. */
static void settle(void *arg)
{
	struct cardea_handle *h = arg;
	const char *reason = h->hung_up;
	if (reason) {
		h->hung_up = NULL;
		if (h->plugin->api->hangup) {
			struct hook hook;
			hook_enter(&hook, h->plugin->api, "hangup");
			h->plugin->api->hangup(h, reason);
			hook_leave(&hook);
		}
		json_t *msg = handle_event(h, "hangup", NULL);
		json_object_set_new(msg, "reason", json_string(reason));
		event_send(h->session, msg);
	}
	if (h->ending)
		handle_detach(h);
}

void handles_start(void)
{
	static bool registered;
	if (!registered)
		metric_register(&n_handles);
	registered = true;
}

struct cardea_handle *handle_create(struct session *s, struct plugin *plugin, const char *package,
	const char *opaque_id, const char *token, char *why)
{
	if (g_hash_table_size(s->handles) >= settings.max_handles) {
		snprintf(why, 128, "Couldn't attach to plugin: %u handles in this session",
			settings.max_handles);
		return NULL;
	}
	struct cardea_handle *h = g_new0(struct cardea_handle, 1);
	h->id = fresh_id(s);
	h->session = s;
	h->plugin = plugin;
	plugin->n_handles++;
	h->package = g_strdup(package);
	h->opaque_id = g_strdup(opaque_id);
	h->token = g_strdup(token);
	h->created_us = clock_now_us();
	h->settle = (struct deferred){ .fn = settle, .arg = h };
	g_hash_table_insert(s->handles, &h->id, h);
	uint64_t id = h->id;
	struct hook hook;
	hook_enter(&hook, plugin->api, "attach");
	int refused = plugin->api->attach(h);
	if (refused) {
		snprintf(why, 128, "Couldn't attach to plugin: error '%d'", refused);
		release(h);
	} else {
		metric_add(&n_handles, 1);
		tell_life(h, "attached");
		log_info("handle", id, "attached", "session=%" PRIu64 " plugin=%s", s->id,
			plugin->api->name);
	}
	hook_leave(&hook);
	/* A plugin may have ended the handle in its very attach hook. */
	h = handle_find(s, id);
	if (!h && !refused)
		snprintf(why, 128, "Couldn't attach to plugin: ended at once");
	return h;
}

static void close_pc(struct cardea_handle *h, const char *reason)
{
	if (h->pc && event_wanted(CARDEA_EVENT_WEBRTC))
		handle_tell(h, CARDEA_EVENT_WEBRTC, CONNECTION,
			json_pack("{s:s, s:s}", "connection", "hangup", "reason", reason));
	recordings_end(&h->recordings);
	capture_drop(h->capture);
	h->capture = NULL;
	if (h->pc) {
		h->closed_peer = h->pc->peer;
		h->had_pc = true;
		worker_sync_close(h->pc);
	}
	h->pc = NULL;
	h->e2ee = false;
}

/* Close its PeerConnection and take it from its plugin; inside hook_enter(). */
static void take_from_plugin(struct cardea_handle *h)
{
	const struct cardea_plugin *api = h->plugin->api;
	bool had_pc = h->pc != NULL;
	h->dying = true;
	close_pc(h, "Detach");
	if (had_pc && api->hangup)
		api->hangup(h, "Detach");
	api->detach(h);
}

static void forget(struct cardea_handle *h)
{
	tell_life(h, "detached");
	log_info("handle", h->id, "detached", "plugin=%s", h->plugin->api->name);
	release(h);
	metric_add(&n_handles, (uint64_t)-1);
}

void handle_destroy(struct cardea_handle *h)
{
	struct hook hook;
	assert(!hook_inside());
	hook_enter(&hook, h->plugin->api, "detach");
	take_from_plugin(h);
	forget(h);
	hook_leave(&hook);
}

void handle_renew(struct cardea_handle *h)
{
	struct hook hook;
	assert(!hook_inside());
	hook_enter(&hook, h->plugin->api, "attach");
	take_from_plugin(h);
	hook_forget(&h->settle);
	h->data = NULL;
	h->hung_up = h->closed = NULL;
	h->place_key = 0;
	h->dying = h->ending = false;
	if (h->plugin->api->attach(h))
		forget(h);
	hook_leave(&hook);
}

void handle_detach(struct cardea_handle *h)
{
	struct session *s = h->session;
	json_t *msg = handle_event(h, "detached", NULL);
	bool is_all = direct_client_is(h->session) && !h->is_extra;
	handle_destroy(h);
	event_send(s, msg);
	if (is_all)
		session_destroy(s);
}

struct cardea_handle *handle_find(const struct session *s, uint64_t id)
{
	return g_hash_table_lookup(s->handles, &id);
}

bool handle_hangup(struct cardea_handle *h, const char *reason)
{
	if (!h->pc)
		return false;
	log_info("handle", h->id, "hangup", "reason=%s", LOG_QUOTED(reason));
	close_pc(h, reason);
	h->hung_up = h->closed = reason;
	h->closed_us = clock_now_us();
	if (!h->dying)
		hook_defer(&h->settle);
	return true;
}

void handle_end(struct cardea_handle *h)
{
	if (h->dying || h->ending)
		return;
	h->ending = true;
	hook_defer(&h->settle);
}

json_t *handle_event(const struct cardea_handle *h, const char *kind, const char *transaction)
{
	json_t *msg = reply_new(kind, h->session->id, transaction);
	json_object_set_new(msg, "sender", json_integer((json_int_t)h->id));
	if (settings.opaqueid_in_api && h->opaque_id)
		json_object_set_new(msg, "opaque_id", json_string(h->opaque_id));
	return msg;
}

json_t *handle_plugindata(const struct cardea_handle *h, json_t *data)
{
	return json_pack("{s:s, s:o}", "plugin", h->package, "data", data);
}

unsigned handles_count(void)
{
	return (unsigned)atomic_load_explicit(&n_handles.value, memory_order_relaxed);
}

/* ---- for their sessions ---- */

static void end_all(struct session *s)
{
	GHashTableIter it;
	gpointer h;
	for (;;) {
		g_hash_table_iter_init(&it, s->handles);
		if (!g_hash_table_iter_next(&it, NULL, &h))
			break;
		handle_destroy(h);
	}
}

/* A plugin that loses one handle may end others. */
static void renew_all(struct session *s)
{
	guint n;
	gpointer *ids = g_hash_table_get_keys_as_array(s->handles, &n);
	uint64_t *each = g_new(uint64_t, n + 1);
	for (guint i = 0; i < n; i++)
		each[i] = *(uint64_t *)ids[i];
	for (guint i = 0; i < n; i++) {
		struct cardea_handle *h = handle_find(s, each[i]);
		if (h)
			handle_renew(h);
	}
	g_free(each);
	g_free(ids);
}

static void tell_timeout(struct session *s)
{
	event_send(s, reply_new("timeout", s->id, NULL));
}

const struct session_ops handles_of_sessions = {
	.timed_out = tell_timeout, .end = end_all, .renew = renew_all
};
