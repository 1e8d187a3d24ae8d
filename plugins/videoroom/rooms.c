/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include "errors.h"
#include "makers.h"
#include "notice.h"
#include "room_options.h"
#include "rooms.h"

const char *admin_key;
unsigned max_rooms = UINT_MAX;
static GHashTable *table;

void rooms_start(void)
{
	max_rooms = UINT_MAX;
	makers_start();
	table = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, room_free);
}

void rooms_stop(void)
{
	g_clear_pointer(&table, g_hash_table_destroy);
	makers_stop();
}

GHashTable *rooms_table(void)
{
	return table;
}

struct room *room_find(const json_t *id, struct cardea_error *e)
{
	struct ident want = { 0 };
	struct room *r = ident_set(&want, id) ? g_hash_table_lookup(table, want.text) : NULL;
	if (!r)
		cardea_fail(e, E_NO_SUCH_ROOM, "No such room (%s)", want.text ? want.text : "");
	ident_clear(&want);
	return r;
}

/* ---- making them ---- */

/* Logged once each time that it comes to that: somebody may go on asking. */
static bool is_full(struct cardea_error *e)
{
	static bool is_logged;
	unsigned n = g_hash_table_size(table);
	if (n >= max_rooms && !is_logged)
		cardea_log(CARDEA_LOG_WARN, "videoroom", 0, "no more rooms",
			"rooms=%u option=general.max_rooms", n);
	is_logged = n >= max_rooms;
	return is_logged &&
	       !cardea_fail(e, E_UNKNOWN, "There are %u rooms already (general.max_rooms)", n);
}

/* An address has half of the rooms that there may be, so that others can make some. */
static bool has_enough(uint64_t maker, struct cardea_error *e)
{
	unsigned n = makers_rooms(maker);
	return n >= max_rooms / 2 + max_rooms % 2 &&
	       !cardea_fail(e, E_UNKNOWN,
		       "Your address has made %u rooms already (half of general.max_rooms)", n);
}

struct room *room_create(const struct cardea_handle *by, const json_t *id,
	const struct cardea_args *args, struct cardea_error *e)
{
	struct room *r = room_new(id, table);
	uint64_t maker = by ? cardea_whose(by) : 0;
	bool ok = room_options_read(r, args, e);
	if (ok && g_hash_table_contains(table, r->id.text))
		ok = cardea_fail(e, E_ROOM_EXISTS, "Room %s already exists", r->id.text);
	if (!ok || is_full(e) || has_enough(maker, e) || !room_options_read_tokens(r, args, e)) {
		room_free(r);
		return NULL;
	}
	r->maker = maker;
	makers_count(maker, 1);
	room_options_changed(r);
	room_touch(r);
	g_hash_table_insert(table, r->id.text, r);
	notice_room(r, "created");
	cardea_log(CARDEA_LOG_INFO, "videoroom", 0, "room created", "room=%s", IDENT_LOGGED(r->id));
	return r;
}

void rooms_remove(struct room *r)
{
	g_hash_table_steal(table, r->id.text);
}
