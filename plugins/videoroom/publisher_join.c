/* SPDX-License-Identifier: Apache-2.0 */
#include "display.h"
#include "errors.h"
#include "member.h"
#include "named_tracks.h"
#include "notice.h"
#include "publish.h"
#include "publisher_join.h"
#include "publisher_json.h"
#include "publisher_leave.h"
#include "room_record.h"
#include "sfu_client.h"
#include "sfu_events.h"
#include "talking.h"

/* 31 bits: clients keep it in an int. */
static uint32_t fresh_private_id(const struct room *r)
{
	uint32_t n;
	do {
		cardea_random(&n, sizeof n);
		n >>= 1;
	} while (!n || g_hash_table_contains(r->by_private_id, GUINT_TO_POINTER(n)));
	return n;
}

/* The id that a participant wants, NULL: any. At /sfu each brings its own, and 0 is one. */
static const json_t *wanted_id(const struct cardea_call *c)
{
	const json_t *id = cardea_json(&c->args, "id");
	return ident_is_any(id) && !cardea_is_direct(c->handle) ? NULL : id;
}

static struct publisher *publisher_new(struct cardea_call *c, struct room *r)
{
	const json_t *id = wanted_id(c);
	struct publisher *p = g_new0(struct publisher, 1);
	p->room = r;
	p->handle = c->handle;
	if (id)
		ident_set(&p->id, id);
	else
		ident_random(&p->id, r->publishers);
	p->private_id = fresh_private_id(r);
	p->joined_us = g_get_monotonic_time();
	display_set(p, &c->args);
	talking_set_levels(p, &c->args);
	if (cardea_is_direct(p->handle)) {
		p->sfu_name = g_strdup(sfu_client_name(p->handle));
		p->named_tracks = named_tracks_new();
	}
	g_hash_table_insert(r->publishers, p->id.text, p);
	g_hash_table_insert(r->by_private_id, GUINT_TO_POINTER(p->private_id), p);
	room_touch(r);
	room_record_joined(p);
	return p;
}

static json_t *joined_json(const struct publisher *p)
{
	const struct room *r = p->room;
	json_t *publishers = json_array(), *attendees = json_array();
	GHashTableIter it;
	struct publisher *other;
	g_hash_table_iter_init(&it, r->publishers);
	while (g_hash_table_iter_next(&it, NULL, (void **)&other)) {
		if (other == p)
			continue;
		if (other->announced)
			json_array_append_new(publishers, publisher_json(other, true));
		if (other->announced || !r->notify_joining)
			continue;
		json_t *who = json_pack("{s:O}", "id", other->id.json);
		display_json(who, other);
		json_array_append_new(attendees, who);
	}
	json_t *j = json_pack("{s:s, s:O, s:s, s:O, s:I, s:o}", "videoroom", "joined", "room",
		r->id.json, "description", r->description, "id", p->id.json, "private_id",
		(json_int_t)p->private_id, "publishers", publishers);
	if (r->notify_joining)
		json_object_set(j, "attendees", attendees);
	json_decref(attendees);
	if (r->record)
		json_object_set_new(j, "recording", json_true());
	if (p->audio_active_packets)
		json_object_set_new(
			j, "audio_active_packets", json_integer(p->audio_active_packets));
	if (p->audio_level_average)
		json_object_set_new(j, "audio_level_average", json_integer(p->audio_level_average));
	return j;
}

bool publisher_join(struct cardea_call *c, struct room *r, bool configure)
{
	struct member *m = cardea_user_data(c->handle);
	struct ident id = { 0 };
	if (!display_fits(r, NULL, &c->args, c->error))
		return false;
	/* Nothing may be refused behind it: a holder that is gone loses its place by it, and a room
	 * that is full, one. */
	bool taken = ident_set(&id, wanted_id(c)) &&
		     !publisher_release_if_gone(g_hash_table_lookup(r->publishers, id.text));
	if (taken)
		cardea_fail(c->error, E_ID_EXISTS, "User ID %s already exists", id.text);
	ident_clear(&id);
	if (taken)
		return false;
	if (g_hash_table_size(r->publishers) >= ROOM_PEOPLE_MAX)
		return cardea_fail(c->error, E_PUBLISHERS_FULL,
			"Maximum number of participants in a room (%d) already reached",
			ROOM_PEOPLE_MAX);
	struct publisher *p = publisher_new(c, r);
	m->role = ROLE_PUBLISHER;
	m->publisher = p;
	c->data = joined_json(p);
	cardea_place(c->handle, g_str_hash(r->id.text));
	if (r->notify_joining) {
		json_t *who = json_pack("{s:O}", "id", p->id.json), *event = room_event(r);
		display_json(who, p);
		json_object_set_new(event, "joining", who);
		room_tell(r, p, event);
	}
	notice_publisher(p, r, "joined");
	sfu_tell_joined(p);
	return !configure || publisher_request(c, p);
}
