/* SPDX-License-Identifier: Apache-2.0 */
#include "announce.h"
#include "notice.h"
#include "publisher_json.h"
#include "sfu_events.h"

void publisher_announce(struct publisher *p)
{
	json_t *event = room_event(p->room);
	json_object_set_new(event, "publishers", json_pack("[o]", publisher_json(p, false)));
	p->announced = true;
	room_tell(p->room, p, event);
	notice_publisher(p, p->room, "published");
	sfu_tell_tracks(p);
}
