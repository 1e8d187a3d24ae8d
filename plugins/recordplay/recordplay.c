/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Record and play: a client records what it sends, and plays what was recorded. The hooks; requests
 * go to the table in requests.c. */
#include <glib.h>
#include "library.h"
#include "ongoing.h"
#include "play.h"
#include "record.h"
#include "requests.h"
#include "schema.h"

static const char *start(const struct cardea_conf *conf)
{
	struct cardea_args general = cardea_conf_section(conf, "general");
	const char *path = cardea_str(&general, "path"), *key = cardea_str(&general, "admin_key");
	const char *why = library_start(*path ? path : cardea_recordings_folder());
	if (why)
		return why;
	requests_set_admin_key(key && *key ? key : NULL);
	record_set_private(cardea_bool(&general, "private"));
	cardea_record_folder(library_folder());
	return NULL;
}

static int attach(struct cardea_handle *h)
{
	struct session *s = g_new0(struct session, 1);
	s->handle = h;
	s->bitrate_max = 1048576;
	s->keyframe_ms = 15000;
	cardea_set_user_data(h, s);
	return 0;
}

static void detach(struct cardea_handle *h)
{
	struct session *s = cardea_user_data(h);
	record_drop(s);
	play_drop(s);
	g_free(s);
}

static void message(struct cardea_handle *h, struct cardea_message *m)
{
	cardea_serve(h, m, requests, &dialect);
}

static json_t *admin(const json_t *request)
{
	return cardea_serve_admin(request, requests, &dialect);
}

static void connected(struct cardea_handle *h)
{
	play_connected(cardea_user_data(h));
}

static uint64_t id_of(const struct session *s)
{
	if (s->stopped_id)
		return s->stopped_id;
	return s->state == STATE_PLAYING ? play_id(s) : ongoing_id(s);
}

static bool is_private(const struct session *s)
{
	if (s->stopped_id)
		return s->stopped_private;
	return s->state == STATE_PLAYING ? play_is_private(s) : ongoing_is_private(s);
}

/* The number of what has ended is told, as far as there was any. */
static json_t *done(const struct session *s)
{
	json_t *result = json_pack("{s:s}", "status", "done");
	uint64_t id = id_of(s);
	if (id) {
		json_object_set_new(result, "id", json_integer((json_int_t)id));
		json_object_set_new(result, "is_private", json_integer(is_private(s)));
	}
	return json_pack("{s:s, s:o}", "recordplay", "event", "result", result);
}

static void hangup(struct cardea_handle *h, const char *reason)
{
	struct session *s = cardea_user_data(h);
	(void)reason;
	cardea_event(h, NULL, done(s), NULL);
	record_drop(s);
	play_drop(s);
	s->state = STATE_IDLE;
	s->stopped_id = 0;
}

static void slow_link(struct cardea_handle *h, unsigned mindex, bool uplink, unsigned lost)
{
	const struct session *s = cardea_user_data(h);
	(void)lost;
	if (s->state == STATE_IDLE)
		return;
	bool is_video = (int)mindex == s->lines.video;
	json_t *result = json_pack(
		"{s:s, s:s}", "status", "slow_link", "media", is_video ? "video" : "audio");
	if (is_video)
		json_object_set_new(
			result, "current-bitrate", json_integer((json_int_t)s->bitrate_max));
	json_object_set_new(result, "uplink", json_integer(uplink));
	cardea_event(
		h, NULL, json_pack("{s:s, s:o}", "recordplay", "event", "result", result), NULL);
}

static json_t *query(struct cardea_handle *h)
{
	static const char *const states[] = { "idle", "recording", "playing" };
	const struct session *s = cardea_user_data(h);
	json_t *j = json_pack("{s:s}", "state", states[s->state]);
	if (id_of(s))
		json_object_set_new(j, "id", json_integer((json_int_t)id_of(s)));
	return j;
}

CARDEA_API const struct cardea_plugin cardea_plugin = {
	.size = sizeof(struct cardea_plugin),
	.abi = CARDEA_PLUGIN_ABI,
	.name = "recordplay",
	.title = "Cardea Record&Play plugin",
	.description = "Records what a client sends, and plays recordings to clients.",
	.author = "The Cardea developers",
	.version_string = "0.1.0",
	.version = 1,
	.options = options,
	.start = start,
	.stop = library_stop,
	.attach = attach,
	.detach = detach,
	.message = message,
	.connected = connected,
	.hangup = hangup,
	.slow_link = slow_link,
	.query = query,
	.admin = admin,
	.requests = requests,
	.errors = errors,
};
