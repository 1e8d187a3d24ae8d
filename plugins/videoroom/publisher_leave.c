/* SPDX-License-Identifier: Apache-2.0 */
#include "display.h"
#include "errors.h"
#include "feed.h"
#include "notice.h"
#include "publisher_leave.h"
#include "room_end.h"
#include "room_record.h"
#include "sfu_events.h"

#define PROBE_MS 2000

/* The streams are gone: from the subscribers first, whoever holds one, then the others hear of
 * it. */
static void withdraw(struct publisher *p, bool tell)
{
	room_record_withdrawn(p);
	if (p->room)
		feed_drop(p->room, p, NULL);
	if (p->room && p->announced && tell) {
		json_t *event = room_event(p->room);
		json_object_set(event, "unpublished", p->id.json);
		display_json(event, p);
		room_tell(p->room, p, event);
	}
	if (p->room && p->announced)
		notice_publisher(p, p->room, "unpublished");
	p->announced = false;
	if (p->room)
		sfu_tell_tracks(p);
	publisher_clear_streams(p);
}

/* The room stays, also when it is empty now. */
static void leave_room(struct publisher *p, const char *how, bool named)
{
	struct room *r = p->room;
	json_t *event = room_event(r);
	json_object_set(event, how, p->id.json);
	if (named)
		display_json(event, p);
	g_hash_table_remove(r->publishers, p->id.text);
	g_hash_table_remove(r->by_private_id, GUINT_TO_POINTER(p->private_id));
	r->display_bytes -= p->display_bytes;
	room_touch(r);
	room_record_left(p, r);
	p->room = NULL;
	room_tell(r, p, event);
	notice_publisher(p, r, how);
	sfu_tell_left(p, r, how);
}

static void depart(struct publisher *p, const char *how, bool named)
{
	struct room *r = p->room;
	leave_room(p, how, named);
	if (r->is_temporary && !g_hash_table_size(r->publishers))
		room_destroy(r);
}

bool publisher_release_if_gone(struct publisher *p)
{
	if (!p)
		return true;
	if (cardea_probe(p->handle, PROBE_MS) != CARDEA_ABSENT)
		return false;
	withdraw(p, true);
	leave_room(p, "leaving", true);
	cardea_end(p->handle);
	return true;
}

bool publisher_unpublish(struct cardea_call *c, struct publisher *p)
{
	if (!p->publishing)
		return cardea_fail(c->error, E_NOT_PUBLISHED, "Can't unpublish, not published");
	json_t *event = room_event(p->room);
	json_object_set_new(event, "unpublished", json_string("ok"));
	cardea_event(c->handle, c->transaction, event, NULL);
	cardea_close(c->handle); /* the hangup hook withdraws */
	return true;
}

bool publisher_leave(struct cardea_call *c, struct publisher *p)
{
	c->data = room_event(p->room);
	json_object_set_new(c->data, "leaving", json_string("ok"));
	withdraw(p, false);
	depart(p, "leaving", true);
	return true;
}

bool publisher_kick(struct publisher *p)
{
	struct room *r = p->room;
	json_t *event = room_event(r);
	json_object_set_new(event, "leaving", json_string("ok"));
	json_object_set_new(event, "reason", json_string("kicked"));
	cardea_event(p->handle, NULL, event, NULL);
	/* Before their feed goes: who is kicked along hears nothing more. */
	if (r->require_pvtid)
		feed_kick_subscribers(r, p->private_id);
	withdraw(p, false);
	/* No name here: clients that see one take the event for a change of name. */
	depart(p, "kicked", false);
	cardea_close(p->handle);
	return true;
}

void publisher_hangup(struct publisher *p)
{
	withdraw(p, true);
}

void publisher_free(struct publisher *p)
{
	if (p->room) {
		withdraw(p, true);
		depart(p, "leaving", true);
	}
	publisher_clear_streams(p);
	ident_clear(&p->id);
	g_free(p->display);
	g_free(p->sfu_name);
	g_free(p->filename);
	if (p->named_tracks)
		g_ptr_array_unref(p->named_tracks);
	json_decref(p->metadata);
	g_free(p);
}
