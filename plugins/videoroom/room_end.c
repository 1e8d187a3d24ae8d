/* SPDX-License-Identifier: Apache-2.0 */
#include "feed.h"
#include "notice.h"
#include "room_end.h"
#include "room_record.h"
#include "rooms.h"
#include "sfu_events.h"

/* Nobody there is to be told of it, nor receives it any more. */
static void put_out(struct publisher *p)
{
	p->room = NULL;
	publisher_clear_streams(p);
	cardea_close(p->handle);
}

void room_destroy(struct room *r)
{
	room_tell(r, NULL, json_pack("{s:s, s:O}", "videoroom", "destroyed", "room", r->id.json));
	notice_room(r, "destroyed");
	room_record_over(r);
	sfu_tell_destroyed(r);
	rooms_remove(r);
	feeds_drop_all(r);
	GList *all = g_hash_table_get_values(r->publishers);
	for (GList *l = all; l; l = l->next)
		put_out(l->data);
	g_list_free(all);
	cardea_log(
		CARDEA_LOG_INFO, "videoroom", 0, "room destroyed", "room=%s", IDENT_LOGGED(r->id));
	room_free(r);
}
