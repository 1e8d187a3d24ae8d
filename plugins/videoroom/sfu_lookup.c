/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "errors.h"
#include "rooms.h"
#include "sfu_lookup.h"
#include "subscriber.h"

#define NUMBER_MAX 9007199254740991 /* what JavaScript can count to */

json_t *sfu_as_id(const char *text)
{
	if (string_ids)
		return json_string(text);
	char *end;
	guint64 n = g_ascii_isdigit(*text) && *text != '0' ? g_ascii_strtoull(text, &end, 10) : 0;
	return n && !*end && n <= NUMBER_MAX ? json_integer((json_int_t)n) : NULL;
}

struct room *sfu_find_room(const char *id)
{
	GHashTableIter it;
	struct room *r = g_hash_table_lookup(rooms_table(), id);
	if (r)
		return r;
	g_hash_table_iter_init(&it, rooms_table());
	while (g_hash_table_iter_next(&it, NULL, (void **)&r))
		if (g_strcmp0(r->sfu_name, id) == 0)
			return r;
	return NULL;
}

struct publisher *sfu_find_participant(const struct room *r, const char *id)
{
	GHashTableIter it;
	struct publisher *p = g_hash_table_lookup(r->publishers, id);
	if (p && !p->sfu_name)
		return p;
	g_hash_table_iter_init(&it, r->publishers);
	while (g_hash_table_iter_next(&it, NULL, (void **)&p))
		if (g_strcmp0(p->sfu_name, id) == 0)
			return p;
	return NULL;
}

bool sfu_find_track(const struct sfu_client *s, const json_t *message, struct wanted *out,
	struct cardea_error *e)
{
	char who[CARDEA_DIRECT_ID + 1], track[CARDEA_DIRECT_ID + 1];
	const struct publisher *me = sfu_client_publisher(s, e);
	if (!me || !cardea_direct_id(message, "publisher_id", who, e) ||
		!cardea_direct_id(message, "track_id", track, e))
		return false;
	out->feed = sfu_find_participant(me->room, who);
	if (!out->feed)
		return cardea_fail(
			e, SFU_UNKNOWN, "There is no participant '%s' in this room", who);
	for (out->mindex = 0; out->mindex < out->feed->n_streams; out->mindex++) {
		const struct stream *st = &out->feed->streams[out->mindex];
		if (st->known_on_sfu && !strcmp(stream_track_name(st), track))
			return true;
	}
	return cardea_fail(e, SFU_UNKNOWN, "Participant '%s' publishes no track '%s'", who, track);
}

int sfu_line_of(const struct sfu_client *s, const struct wanted *w)
{
	const struct subscriber *sub = sfu_client_subscriber(s);
	for (unsigned i = 0; sub && i < sub->streams->len; i++) {
		const struct sub_stream *st = sub->streams->pdata[i];
		if (st->feed == w->feed && st->feed_mindex == w->mindex)
			return (int)i;
	}
	return -1;
}
