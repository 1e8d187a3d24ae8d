/* SPDX-License-Identifier: Apache-2.0 */
#include "allowed.h"
#include "makers.h"
#include "room.h"
#include "room_index.h"

struct room *room_new(const json_t *id, GHashTable *taken)
{
	struct room *r = g_new0(struct room, 1);
	r->publishers = g_hash_table_new(g_str_hash, g_str_equal);
	r->by_private_id = g_hash_table_new(NULL, NULL);
	r->subscribers = g_ptr_array_new();
	if (!id)
		ident_random(&r->id, taken);
	else
		ident_set(&r->id, id);
	return r;
}

void room_free(void *room)
{
	struct room *r = room;
	makers_count(r->maker, -1);
	if (r->fir_timer)
		cardea_timer_stop(r->fir_timer);
	g_free(r->list.text);
	ident_clear(&r->id);
#define FREE(name) g_free(r->name);
	ROOM_TEXTS(FREE)
#undef FREE
	g_free(r->sfu_name);
	allowed_free(r->allowed);
	room_index_unref(r->index);
	g_hash_table_destroy(r->by_private_id);
	g_hash_table_destroy(r->publishers);
	g_ptr_array_free(r->subscribers, TRUE);
	g_free(r);
}

void room_touch(struct room *r)
{
	r->unused_s = 0;
}

const char *room_name(const struct room *r)
{
	return r->sfu_name ? r->sfu_name : r->id.text;
}

json_t *room_event(const struct room *r)
{
	return json_pack("{s:s, s:O}", "videoroom", "event", "room", r->id.json);
}

struct cardea_handle **room_handles(const struct room *r, const struct publisher *except,
	bool (*takes)(const struct publisher *p), unsigned *n)
{
	struct cardea_handle **to =
		g_new(struct cardea_handle *, g_hash_table_size(r->publishers) + 1);
	GHashTableIter it;
	struct publisher *p;
	*n = 0;
	g_hash_table_iter_init(&it, r->publishers);
	while (g_hash_table_iter_next(&it, NULL, (void **)&p))
		if (p != except && (!takes || takes(p)))
			to[(*n)++] = p->handle;
	return to;
}

void room_tell(struct room *r, const struct publisher *except, json_t *event)
{
	unsigned n;
	struct cardea_handle **to = room_handles(r, except, NULL, &n);
	cardea_event_all(to, n, event);
	g_free(to);
}

unsigned room_active_publishers(const struct room *r, const struct publisher *except)
{
	GHashTableIter it;
	struct publisher *p;
	unsigned n = 0;
	g_hash_table_iter_init(&it, r->publishers);
	while (g_hash_table_iter_next(&it, NULL, (void **)&p))
		n += p != except && p->publishing;
	return n;
}

unsigned room_streams(const struct room *r, const struct publisher *except)
{
	GHashTableIter it;
	struct publisher *p;
	unsigned n = 0;
	g_hash_table_iter_init(&it, r->publishers);
	while (g_hash_table_iter_next(&it, NULL, (void **)&p))
		n += p != except ? p->n_streams : 0;
	return n;
}
