/* SPDX-License-Identifier: Apache-2.0 */
#include "room.h"
#include "subscriber_leave.h"
#include "subscription_json.h"
#include "update_queue.h"

static void leave_room(struct subscriber *s)
{
	if (!s->room)
		return;
	g_ptr_array_remove_fast(s->room->subscribers, s);
	room_touch(s->room);
	s->room = NULL;
}

bool subscriber_leave(struct cardea_call *c, struct subscriber *s)
{
	cardea_event(s->handle, c->transaction, subscription_ok(s, "left"), NULL);
	s->left = true;
	update_queue_remove(s);
	g_ptr_array_set_size(s->streams, 0);
	leave_room(s);
	cardea_close(s->handle);
	return true;
}

void subscriber_hangup(struct subscriber *s)
{
	update_queue_remove(s);
	s->has_pc = s->update_due = s->restart_due = false;
	for (unsigned i = 0; i < s->streams->len; i++)
		((struct sub_stream *)s->streams->pdata[i])->ready = false;
}

void subscriber_free(struct subscriber *s)
{
	update_queue_remove(s);
	leave_room(s);
	g_ptr_array_free(s->streams, TRUE);
	ident_clear(&s->room_id);
	g_free(s);
}
