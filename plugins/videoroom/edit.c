/* SPDX-License-Identifier: Apache-2.0 */
#include "access.h"
#include "requests.h"

/** @file
 * Changing a room while it is there. */

/* An empty text changes nothing: a secret or pin once there cannot be taken away. */
static void edit_text(char **at, const struct cardea_args *args, const char *name)
{
	const char *text = cardea_str(args, name);
	if (!text || !*text)
		return;
	g_free(*at);
	*at = g_strdup(text);
}

static void edit_values(struct room *r, const struct cardea_args *args)
{
	const struct {
		const char *name;
		bool *at;
	} flags[] = {
		{ "new_is_private", &r->is_private },
		{ "new_require_pvtid", &r->require_pvtid },
		{ "new_lock_record", &r->lock_record },
	};
	const struct {
		const char *name;
		unsigned *at;
	} numbers[] = {
		{ "new_publishers", &r->max_publishers },
		{ "new_bitrate", &r->bitrate },
		{ "new_fir_freq", &r->fir_freq },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(flags); i++)
		if (cardea_given(args, flags[i].name))
			*flags[i].at = cardea_bool(args, flags[i].name);
	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
		if (cardea_given(args, numbers[i].name))
			*numbers[i].at = (unsigned)cardea_int(args, numbers[i].name);
}

/* Those who have said no cap of their own, and all where the room's is one for all, get the new
 * one. */
static void limit_all(const struct room *r)
{
	GHashTableIter it;
	struct publisher *p;
	g_hash_table_iter_init(&it, r->publishers);
	while (g_hash_table_iter_next(&it, NULL, (void **)&p))
		if (p->publishing)
			cardea_limit(p->handle, publisher_bitrate(p));
}

bool on_edit(struct cardea_call *c)
{
	const struct cardea_args *args = &c->args;
	struct room *r = room_find(cardea_json(args, "room"), c->error);
	if (!r || !room_allows(r, args, c->error))
		return false;
	edit_text(&r->description, args, "new_description");
	edit_text(&r->secret, args, "new_secret");
	edit_text(&r->pin, args, "new_pin");
	edit_text(&r->rec_dir, args, "new_rec_dir");
	edit_values(r, args);
	r->is_lasting |= cardea_bool(args, "permanent");
	room_changed(r);
	if (cardea_given(args, "new_bitrate"))
		limit_all(r);
	c->data = json_pack(
		"{s:s, s:O, s:b}", "videoroom", "edited", "room", r->id.json, "permanent", 0);
	return true;
}
