/* SPDX-License-Identifier: Apache-2.0 */
#include "record.h"
#include "record_place.h"
#include "record_tell.h"
#include "room_index.h"
#include "room_list.h"
#include "room_record.h"
#include "talking.h"

/* ---- the index ---- */

static void enter(struct publisher *p, bool was_there)
{
	p->index_entry = room_index_join(p->room->index, p->id.json, p->display, was_there);
}

static int who_came_first(const void *a, const void *b)
{
	const struct publisher *one = a, *other = b;
	return (one->joined_us > other->joined_us) - (one->joined_us < other->joined_us);
}

static void begin_index(struct room *r)
{
	g_autofree char *dir = record_place(r), *part = record_name_part(r->id.text);
	GList *there = g_list_sort(g_hash_table_get_values(r->publishers), who_came_first);
	r->index = room_index_new(dir, part, r->id.json, r->description);
	for (GList *l = there; l; l = l->next) {
		struct publisher *p = l->data;
		enter(p, true);
		if (p->publishing)
			talking_watch(p);
	}
	g_list_free(there);
}

static void end_index(struct room *r)
{
	GHashTableIter it;
	struct publisher *p;
	if (!r->index)
		return;
	room_index_end(r->index);
	room_index_unref(g_steal_pointer(&r->index));
	g_hash_table_iter_init(&it, r->publishers);
	while (g_hash_table_iter_next(&it, NULL, (void **)&p)) {
		g_clear_pointer(&p->index_entry, json_decref);
		talking_unwatch(p);
	}
}

/* ---- who is recorded ---- */

bool room_record_start(struct publisher *p, struct cardea_error *e)
{
	struct room *r = p->room;
	if (p->recording)
		return true;
	if (!record_check(p, p->filename, e))
		return false;
	if (r->record && !r->index)
		begin_index(r);
	return record_start(p, e);
}

/* Anew, where it was recorded for itself: files belong to one index, or to none. */
static void set_one(struct publisher *p, bool on, char **warning)
{
	struct cardea_error e;
	p->record = on;
	record_stop(p);
	if (!on || !p->publishing || room_record_start(p, &e))
		return;
	p->record = false;
	g_free(*warning);
	*warning = g_strdup_printf("%s is not recorded: %s", p->id.text, e.reason);
}

static bool could_be_recorded(struct room *r, struct cardea_error *e)
{
	const struct ident nobody = { .text = (char *)(uintptr_t) "0" };
	const struct publisher any = { .room = r, .id = nobody };
	return record_check(&any, NULL, e);
}

bool room_record_set(struct room *r, bool on, char **warning, struct cardea_error *e)
{
	GHashTableIter it;
	struct publisher *p;
	bool was_on = r->record;
	*warning = NULL;
	if (on && !could_be_recorded(r, e))
		return false;
	r->record = on;
	g_hash_table_iter_init(&it, r->publishers);
	while (g_hash_table_iter_next(&it, NULL, (void **)&p))
		if (!on || !was_on || !p->recording)
			set_one(p, on, warning);
	if (!on)
		end_index(r);
	if (on == was_on)
		return true;
	room_list_changed(r);
	record_tell_room(r);
	return true;
}

/* ---- what happens in the room ---- */

void room_record_joined(struct publisher *p)
{
	p->record = p->room->record;
	if (p->room->index)
		enter(p, false);
}

void room_record_renamed(struct publisher *p)
{
	if (p->index_entry && p->display)
		room_index_rename(p->room->index, p->index_entry, p->display);
}

void room_record_withdrawn(struct publisher *p)
{
	bool known;
	if (p->index_entry && publisher_talks(p, &known))
		room_index_speaks(p->room->index, p->id.json, false);
	record_stop(p);
}

void room_record_left(struct publisher *p, struct room *r)
{
	if (p->index_entry)
		room_index_leave(r->index, p->index_entry);
	g_clear_pointer(&p->index_entry, json_decref);
	if (!g_hash_table_size(r->publishers))
		end_index(r);
}

void room_record_over(struct room *r)
{
	GHashTableIter it;
	struct publisher *p;
	g_hash_table_iter_init(&it, r->publishers);
	while (g_hash_table_iter_next(&it, NULL, (void **)&p)) {
		room_record_withdrawn(p);
		if (p->index_entry)
			room_index_leave(r->index, p->index_entry);
	}
	end_index(r);
}
