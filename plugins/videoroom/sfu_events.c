/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "member.h"
#include "sfu_client.h"
#include "sfu_events.h"

/* ---- to whom ---- */

static bool is_on_sfu(const struct publisher *p)
{
	return ((const struct member *)cardea_user_data(p->handle))->sfu != NULL;
}

static void tell(const struct room *r, const struct publisher *except, json_t *message)
{
	unsigned n;
	struct cardea_handle **to = room_handles(r, except, is_on_sfu, &n);
	if (n)
		cardea_direct_send_all(to, n, message);
	else
		json_decref(message);
	g_free(to);
}

/* ---- as messages ---- */

static json_t *participant_json(const struct publisher *p)
{
	json_t *j = json_pack("{s:s}", "participant_id", publisher_name(p));
	if (p->display)
		json_object_set_new(j, "display", json_string(p->display));
	return j;
}

static json_t *joined_json(const struct publisher *p)
{
	json_t *j = json_pack("{s:s}", "type", "participant_joined");
	json_object_update_new(j, participant_json(p));
	return j;
}

static json_t *track_json(const struct publisher *p, const struct stream *s, bool available)
{
	json_t *j = json_pack("{s:s, s:s, s:s}", "type",
		available ? "track_available" : "track_unavailable", "participant_id",
		publisher_name(p), "track_id", stream_track_name(s));
	if (available)
		json_object_set_new(j, "track_type", json_string(kind_name(s->kind)));
	return j;
}

static json_t *recording_json(const struct room *r, const char *reason)
{
	json_t *j = json_pack("{s:s, s:b}", "type", "recording", "on", r->record);
	if (reason)
		json_object_set_new(j, "reason", cardea_json_text(reason));
	return j;
}

static json_t *room_left_json(const struct room *r, const char *reason)
{
	return json_pack(
		"{s:s, s:s, s:s}", "type", "room_left", "room_id", room_name(r), "reason", reason);
}

/* ---- what happens ---- */

void sfu_tell_joined(const struct publisher *p)
{
	tell(p->room, p, joined_json(p));
}

void sfu_tell_track(const struct publisher *p, struct stream *s, bool available)
{
	s->known_on_sfu = available;
	tell(p->room, p, track_json(p, s, available));
}

void sfu_tell_tracks(struct publisher *p)
{
	for (unsigned i = 0; i < p->n_streams; i++) {
		struct stream *s = &p->streams[i];
		bool is_media = s->kind == CARDEA_AUDIO || s->kind == CARDEA_VIDEO;
		bool available = p->announced && is_media && !s->disabled;
		if (available != s->known_on_sfu)
			sfu_tell_track(p, s, available);
	}
}

void sfu_tell_left(const struct publisher *p, const struct room *r, const char *how)
{
	tell(r, p,
		json_pack("{s:s, s:s}", "type", "participant_left", "participant_id",
			publisher_name(p)));
	if (!is_on_sfu(p))
		return;
	cardea_direct_send(p->handle, room_left_json(r, strcmp(how, "kicked") == 0 ? how : "left"));
	sfu_client_end_handles(p->handle);
}

void sfu_tell_recording(const struct room *r, const char *reason)
{
	tell(r, NULL, recording_json(r, reason));
}

void sfu_tell_destroyed(const struct room *r)
{
	GHashTableIter it;
	struct publisher *p;
	tell(r, NULL, room_left_json(r, "destroyed"));
	g_hash_table_iter_init(&it, r->publishers);
	while (g_hash_table_iter_next(&it, NULL, (void **)&p))
		sfu_client_end_handles(p->handle);
}

void sfu_tell_newcomer(const struct publisher *p)
{
	GHashTableIter it;
	struct publisher *other;
	json_t *there = json_array();
	g_hash_table_iter_init(&it, p->room->publishers);
	while (g_hash_table_iter_next(&it, NULL, (void **)&other))
		if (other != p)
			json_array_append_new(there, participant_json(other));
	cardea_direct_send(p->handle,
		json_pack("{s:s, s:s, s:s, s:O, s:O, s:o}", "type", "room_joined", "room_id",
			room_name(p->room), "participant_id", publisher_name(p), "room",
			p->room->id.json, "feed", p->id.json, "participants", there));
	if (p->room->record)
		cardea_direct_send(p->handle, recording_json(p->room, NULL));
	g_hash_table_iter_init(&it, p->room->publishers);
	while (g_hash_table_iter_next(&it, NULL, (void **)&other))
		for (unsigned i = 0; other != p && i < other->n_streams; i++)
			if (other->streams[i].known_on_sfu)
				cardea_direct_send(
					p->handle, track_json(other, &other->streams[i], true));
}
