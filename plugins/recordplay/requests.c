/* SPDX-License-Identifier: Apache-2.0 */
#include "errors.h"
#include "library.h"
#include "ongoing.h"
#include "play.h"
#include "record.h"
#include "requests.h"
#include "schema.h"

static const char *admin_key;

void requests_set_admin_key(const char *key)
{
	admin_key = key;
}

static bool is_admin(const struct cardea_args *args)
{
	return admin_key && cardea_same_secret(cardea_str(args, "admin_key"), admin_key);
}

static bool refuse(struct cardea_call *call, const char *what)
{
	return cardea_fail(call->error, E_UNAUTHORIZED, "Unauthorized (wrong %s)", what);
}

static bool list(struct cardea_call *call)
{
	bool all = is_admin(&call->args);
	if (admin_key && !all && cardea_given(&call->args, "admin_key"))
		return refuse(call, "admin_key");
	char *text = library_text(all), *bracketed = NULL;
	if (!text || asprintf(&bracketed, "[%s]", text) < 0)
		bracketed = NULL;
	free(text);
	if (!bracketed)
		return cardea_fail(call->error, E_UNKNOWN, "Out of memory");
	if (!call->handle) {
		call->data = json_pack(
			"{s:s, s:o}", "recordplay", "list", "list", json_loads(bracketed, 0, NULL));
		free(bracketed);
		return true;
	}
	call->data = json_pack("{s:s, s:n}", "recordplay", "list", "list");
	call->inner = bracketed;
	return true;
}

static bool update(struct cardea_call *call)
{
	if (admin_key && !is_admin(&call->args))
		return refuse(call, "admin_key");
	library_refresh();
	call->data = json_pack("{s:s}", "recordplay", "ok");
	return true;
}

static bool configure(struct cardea_call *call)
{
	if (!call->handle)
		return cardea_fail(call->error, E_STATE, "This is a request of a handle");
	struct session *s = cardea_user_data(call->handle);
	if (cardea_given(&call->args, "video-bitrate-max"))
		s->bitrate_max = (uint32_t)cardea_int(&call->args, "video-bitrate-max");
	if (cardea_given(&call->args, "video-keyframe-interval"))
		s->keyframe_ms = (unsigned)cardea_int(&call->args, "video-keyframe-interval");
	if (s->state == STATE_RECORDING)
		record_configured(s);
	call->data = json_pack("{s:s, s:s, s:{s:I, s:I}}", "recordplay", "configure", "status",
		"ok", "settings", "video-keyframe-interval", (json_int_t)s->keyframe_ms,
		"video-bitrate-max", (json_int_t)s->bitrate_max);
	return true;
}

static json_t *status_of(const char *what, uint64_t id)
{
	return json_pack("{s:s, s:{s:s, s:I}}", "recordplay", "event", "result", "status", what,
		"id", (json_int_t)id);
}

static uint64_t id_of(const struct session *s)
{
	return s->state == STATE_PLAYING ? play_id(s) : ongoing_id(s);
}

static bool pause_or_resume(struct cardea_call *call, bool on, const char *word)
{
	struct session *s = cardea_user_data(call->handle);
	if (s->state == STATE_RECORDING)
		ongoing_pause(s, on);
	else if (s->state == STATE_PLAYING && !play_hold(s, on, call->error))
		return false;
	call->data = s->state == STATE_IDLE ? json_pack("{s:s}", "recordplay", "event")
					    : status_of(word, id_of(s));
	return true;
}

static bool pause_request(struct cardea_call *call)
{
	return pause_or_resume(call, true, "paused");
}

static bool resume_request(struct cardea_call *call)
{
	return pause_or_resume(call, false, "resumed");
}

static bool stop(struct cardea_call *call)
{
	struct session *s = cardea_user_data(call->handle);
	if (s->state == STATE_RECORDING) {
		record_stop(s, call->transaction);
	} else if (s->state == STATE_PLAYING) {
		call->data = status_of("stopped", play_id(s));
		json_object_set_new(json_object_get(call->data, "result"), "is_private",
			json_boolean(play_is_private(s)));
		play_stop(s);
	} else {
		call->data = json_pack(
			"{s:s, s:{s:s}}", "recordplay", "event", "result", "status", "stopped");
	}
	return true;
}

static bool delete (struct cardea_call *call)
{
	uint64_t id = (uint64_t)cardea_int(&call->args, "id");
	const struct entry *e = library_find(id);
	if (!e)
		return cardea_fail(call->error, E_NOT_FOUND, "No such recording");
	if (!is_admin(&call->args) &&
		!(*e->secret && cardea_same_secret(cardea_str(&call->args, "secret"), e->secret)))
		return refuse(call, "secret");
	library_remove(id);
	call->data = json_pack("{s:s}", "recordplay", "ok");
	return true;
}

const struct cardea_request requests[] = {
	{ "list", list_fields, list, .note = "The recordings that are whole, oldest first." },
	{ "update", list_fields, update,
		.note = "Read the folder again: for files that others have put there or removed." },
	{ "configure", configure_fields, configure,
		.note = "What senders are asked for: those of the handle, now or later." },
	{ "record", record_fields, record_request, .async = true,
		.note = "Record what an offer sends: its first audio, video and data m-lines." },
	{ "pause", no_fields, pause_request, .async = true,
		.note = "A recording leaves out what comes, and has no gap there; what plays "
			"stands still." },
	{ "resume", no_fields, resume_request, .async = true,
		.note = "Go on recording, or playing." },
	{ "play", play_fields, play_request, .async = true,
		.note = "Play a recording: an offer comes, to be answered with `start`." },
	{ "start", no_fields, start_request, .async = true,
		.note = "Begin to play, with the answer to the offer." },
	{ "seek", seek_fields, seek_request, .async = true,
		.note = "Go to another place of what plays: `result` has the `status` \"seeking\", "
			"and the event \"sought\" says where it landed." },
	{ "speed", speed_fields, speed_request, .async = true,
		.note = "Play faster or slower, without sound: `result` has the `status` \"speed\" "
			"and `percent`." },
	{ "stop", no_fields, stop, .async = true, .note = "End what the handle records or plays." },
	{ "delete", delete_fields, delete,
		.note = "Remove a recording with its files: with its secret, or the admin_key." },
	{ 0 },
};
const struct cardea_dialect dialect = {
	.marker = "recordplay",
	.codes = { .missing = E_MISSING, .invalid = E_INVALID },
	.unknown_request = E_INVALID_REQUEST,
	.missing_request = E_MISSING,
};
