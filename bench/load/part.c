/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base.h"
#include "handle.h"
#include "options.h"
#include "part.h"
#include "peer.h"

static json_t *request(const struct handle *h, const char *verb, char operation)
{
	char transaction[64];
	snprintf(transaction, sizeof(transaction), "%c.%d.%d", operation, h->client->index,
		h->index);
	return json_pack("{ss sI sI ss}", "janus", verb, "session_id",
		(json_int_t)h->client->session, "handle_id", (json_int_t)h->id, "transaction",
		transaction);
}

static void send_request(const struct handle *h, json_t *m)
{
	char *text = json_dumps(m, JSON_COMPACT);
	ws_send(h->client->ws, text, strlen(text));
	free(text);
	json_decref(m);
}

/* @p body is taken; @p sdp as well, and it may be NULL. */
static void message(const struct handle *h, json_t *body, const char *type, char *sdp)
{
	json_t *m = request(h, "message", 'm');
	json_object_set_new(m, "body", body);
	if (sdp)
		json_object_set_new(m, "jsep", json_pack("{ss ss}", "type", type, "sdp", sdp));
	send_request(h, m);
	if (!sdp)
		return;
	free(sdp);
	m = request(h, "trickle", 't');
	json_object_set_new(m, "candidate", json_pack("{sb}", "completed", 1));
	send_request(h, m);
}

static void offer(struct handle *h, json_t *body, enum direction d)
{
	h->peer = peer_create();
	message(h, body, "offer", peer_offer(h->peer, d));
}

static void create_room(const struct handle *h)
{
	message(h,
		json_pack("{ss si sb si ss ss sb ss}", "request", "create", "room", opt.room,
			"permanent", 0, "publishers", opt.pubs + 4, "audiocodec", "opus",
			"videocodec", "vp8", "notify_joining", 0, "description", "rtcload"),
		NULL, NULL);
}

static void join(const struct handle *h, const char *as)
{
	json_t *body = json_pack("{ss ss si}", "request", "join", "ptype", as, "room", opt.room);
	if (h->part == PART_PUBLISHER) {
		json_object_set_new(body, "display", json_string("rtcload"));
	} else {
		json_t *streams = json_array();
		for (int i = 0; i < h->n_feeds; i++)
			json_array_append_new(
				streams, json_pack("{sI}", "feed", (json_int_t)h->feeds[i]->feed));
		json_object_set_new(body, "streams", streams);
	}
	message(h, body, NULL, NULL);
}

static void play(const struct handle *h)
{
	message(h,
		json_pack("{ss sI sb}", "request", "play", "id", (json_int_t)h->feeds[0]->feed,
			"shared", !opt.apart),
		NULL, NULL);
}

const char *part_plugin(enum part part)
{
	return part >= PART_RECORDER ? "janus.plugin.recordplay" : opt.plugin;
}

void part_attached(struct handle *h)
{
	switch (h->part) {
	case PART_ADMIN:
		create_room(h);
		return;
	case PART_PUBLISHER:
		join(h, "publisher");
		return;
	case PART_SUBSCRIBER:
		join(h, "subscriber");
		return;
	case PART_ECHO:
		offer(h, json_pack("{sb sb}", "audio", opt.audio, "video", !opt.no_video),
			SENDRECV);
		peer_feed(h->peer, h->peer);
		return;
	case PART_PLAIN:
		h->is_up = true;
		return;
	case PART_RECORDER:
		offer(h, json_pack("{ss ss}", "request", "record", "name", "rtcload"), SENDONLY);
		return;
	case PART_VIEWER:
	case PART_JOINER:
		play(h);
	}
}

void part_record(struct handle *h, bool on)
{
	char name[64];
	snprintf(name, sizeof(name), "rtcload-%d-%d-%d", (int)getpid(), h->client->index,
		++h->recorded);
	message(h,
		on ? json_pack("{sb ss}", "record", 1, "filename", name)
		   : json_pack("{sb}", "record", 0),
		NULL, NULL);
}

void part_ask(const struct handle *h, const char *what)
{
	message(h, json_pack("{ss}", "request", what), NULL, NULL);
}

static void on_offer(struct handle *h, const char *sdp)
{
	if (h->peer)
		return; /* renegotiation is not simulated */
	h->peer = peer_create();
	for (int i = 0; i < h->n_feeds; i++)
		if (h->feeds[i]->peer)
			peer_feed(h->peer, h->feeds[i]->peer);
	h->peer->is_viewer = h->part == PART_VIEWER || h->part == PART_JOINER;
	char *answer = peer_answer(h->peer, sdp);
	if (!answer) {
		handle_fail(h, "an offer that we cannot read");
		return;
	}
	message(h, json_pack("{ss}", "request", "start"), "answer", answer);
	if (h->part == PART_VIEWER)
		part_ask(h, "pause");
}

static void on_sdp(struct handle *h, json_t *jsep)
{
	const char *type = json_string_value(json_object_get(jsep, "type"));
	const char *sdp = json_string_value(json_object_get(jsep, "sdp"));
	if (!type || !sdp)
		return;
	h->sdp_ns = now_ns();
	if (!strcmp(type, "offer"))
		on_offer(h, sdp);
	else if (h->peer && !peer_accept_answer(h->peer, sdp))
		handle_fail(h, "an answer that we cannot read");
}

static void on_recorder(struct handle *h, json_t *result)
{
	const char *status = json_string_value(json_object_get(result, "status"));
	h->feed = (uint64_t)json_integer_value(json_object_get(result, "id"));
	h->is_done |= status && !strcmp(status, "stopped");
}

void part_event(struct handle *h, json_t *m)
{
	json_t *data = json_object_get(json_object_get(m, "plugindata"), "data");
	json_t *error = json_object_get(data, "error");
	const char *what = json_string_value(json_object_get(data, "videoroom"));
	if (error && !client_is_leaving) {
		handle_fail(h, json_string_value(error) ? json_string_value(error)
							: "an error of the plugin");
	} else if (h->part == PART_ADMIN && what && !strcmp(what, "created")) {
		h->is_up = true;
	} else if (h->part == PART_PUBLISHER && what && !strcmp(what, "joined")) {
		h->feed = (uint64_t)json_integer_value(json_object_get(data, "id"));
		offer(h,
			json_pack("{ss sb sb}", "request", "publish", "audio", opt.audio, "video",
				!opt.no_video),
			SENDONLY);
	} else {
		if (h->part == PART_RECORDER && json_object_get(data, "result"))
			on_recorder(h, json_object_get(data, "result"));
		on_sdp(h, json_object_get(m, "jsep"));
	}
}
