/* SPDX-License-Identifier: Apache-2.0 */
#include "notice.h"
#include "room.h"
#include "subscription_json.h"

static json_t *notice_json(const struct ident *room, const char *event)
{
	return json_pack("{s:s, s:O}", "event", event, "room", room->json);
}

void notice_room(const struct room *r, const char *event)
{
	if (cardea_events_are_on())
		cardea_notify(NULL, notice_json(&r->id, event));
}

void notice_publisher(const struct publisher *p, const struct room *r, const char *event)
{
	if (!cardea_events_are_on())
		return;
	json_t *j = notice_json(&r->id, event);
	json_object_set(j, "id", p->id.json);
	json_object_set_new(j, "private_id", json_integer(p->private_id));
	if (p->display)
		json_object_set_new(j, "display", json_string(p->display));
	cardea_notify(p->handle, j);
}

void notice_subscribed(const struct subscriber *s)
{
	if (!cardea_events_are_on())
		return;
	json_t *j = notice_json(&s->room_id, "subscribed");
	json_object_set_new(j, "private_id", json_integer(s->private_id));
	json_object_set_new(j, "streams", subscription_json(s));
	cardea_notify(s->handle, j);
}
