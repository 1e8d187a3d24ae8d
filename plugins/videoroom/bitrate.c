/* SPDX-License-Identifier: Apache-2.0 */
#include "bitrate.h"

/* What the publisher asks for goes before what the room has, except where that is a cap for all. */
unsigned bitrate_cap_of(const struct publisher *p)
{
	const struct room *r = p->room;
	unsigned own = p->has_bitrate || !r ? p->bitrate : r->bitrate;
	bool is_capped = r && r->bitrate_cap && r->bitrate;
	return is_capped && (own == 0 || own > r->bitrate) ? r->bitrate : own;
}

void bitrate_set(struct publisher *p, const struct cardea_args *args)
{
	if (!cardea_given(args, "bitrate"))
		return;
	unsigned bps = (unsigned)cardea_int(args, "bitrate");
	p->bitrate = bps && bps < ROOM_MIN_BITRATE ? ROOM_MIN_BITRATE : bps;
	p->has_bitrate = true;
	if (p->publishing)
		cardea_limit(p->handle, bitrate_cap_of(p));
}

/* Those who have set no cap of their own, and all where the room's is one for all, get the new
 * one. */
void bitrate_limit_all(const struct room *r)
{
	GHashTableIter it;
	struct publisher *p;
	g_hash_table_iter_init(&it, r->publishers);
	while (g_hash_table_iter_next(&it, NULL, (void **)&p))
		if (p->publishing)
			cardea_limit(p->handle, bitrate_cap_of(p));
}
