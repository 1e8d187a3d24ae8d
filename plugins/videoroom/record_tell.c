/* SPDX-License-Identifier: Apache-2.0 */
#include "record_tell.h"
#include "sfu_events.h"

static json_t *event_of(const struct room *r)
{
	json_t *event = room_event(r);
	json_object_set_new(event, "recording", json_boolean(r->record));
	return event;
}

void record_tell_room(struct room *r)
{
	room_tell(r, NULL, event_of(r));
	sfu_tell_recording(r, NULL);
}

void record_tell_broken(struct publisher *p, const char *reason)
{
	struct room *r = p->room;
	json_t *event = event_of(r);
	json_object_set(event, "id", p->id.json);
	json_object_set_new(event, "reason", cardea_json_text(reason));
	if (!r->record) {
		cardea_event(p->handle, NULL, event, NULL);
		return;
	}
	room_tell(r, NULL, event);
	sfu_tell_recording(r, reason);
}
