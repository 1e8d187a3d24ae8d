/* SPDX-License-Identifier: Apache-2.0 */
#include "access.h"
#include "display.h"
#include "errors.h"
#include "participant_requests.h"
#include "publisher_configure.h"
#include "publisher_leave.h"
#include "rooms.h"

static json_t *participant_json(const struct publisher *p)
{
	bool known, talking = publisher_talks(p, &known);
	json_t *j = json_pack("{s:O}", "id", p->id.json);
	display_json(j, p);
	json_object_set_new(j, "publisher", json_boolean(p->announced));
	if (known && p->announced)
		json_object_set_new(j, "talking", json_boolean(talking));
	return j;
}

bool on_listparticipants(struct cardea_call *c)
{
	GHashTableIter it;
	struct publisher *p;
	struct room *r = room_find(cardea_json(&c->args, "room"), c->error);
	if (!r || !room_shows(r, c))
		return false;
	json_t *list = json_array();
	g_hash_table_iter_init(&it, r->publishers);
	while (g_hash_table_iter_next(&it, NULL, (void **)&p))
		json_array_append_new(list, participant_json(p));
	c->data = json_pack("{s:s, s:O, s:o}", "videoroom", "participants", "room", r->id.json,
		"participants", list);
	if (r->record)
		json_object_set_new(c->data, "recording", json_true());
	return true;
}

/* The participant that somebody who may manage the room names. */
static struct publisher *managed(struct cardea_call *c)
{
	struct room *r = room_find(cardea_json(&c->args, "room"), c->error);
	if (!r || !room_secret_ok(r, &c->args, c->error))
		return NULL;
	struct ident id = { 0 };
	ident_set(&id, cardea_json(&c->args, "id"));
	struct publisher *p = g_hash_table_lookup(r->publishers, id.text);
	if (!p)
		cardea_fail(c->error, E_NO_SUCH_FEED, "No such user %s in room %s", id.text,
			r->id.text);
	ident_clear(&id);
	return p;
}

bool on_kick(struct cardea_call *c)
{
	struct publisher *p = managed(c);
	if (!p)
		return false;
	c->data = json_pack("{s:s}", "videoroom", "success");
	return publisher_kick(p);
}

bool on_moderate(struct cardea_call *c)
{
	struct publisher *p = managed(c);
	const char *mid = cardea_str(&c->args, "mid");
	int at = p ? publisher_find_mid(p, mid) : -1;
	if (p && at < 0)
		cardea_fail(c->error, E_NO_SUCH_FEED, "No such stream %s", mid);
	if (at < 0)
		return false;
	publisher_moderate(p, (unsigned)at, cardea_bool(&c->args, "mute"));
	c->data = json_pack("{s:s}", "videoroom", "success");
	return true;
}
