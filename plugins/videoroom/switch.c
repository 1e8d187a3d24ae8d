/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include "errors.h"
#include "room.h"
#include "schema.h"
#include "subscriber_offer.h"
#include "subscription.h"
#include "subscription_json.h"
#include "switch.h"

struct change {
	unsigned mindex;
	struct wanted to;
};

static bool fits(const struct sub_stream *st, const struct wanted *w)
{
	const struct stream *to = &w->feed->streams[w->mindex];
	return st->kind == to->kind && st->codec == to->codec && st->kind != CARDEA_DATA &&
	       !(st->feed == w->feed && st->feed_mindex == w->mindex);
}

static bool changes_by_row(
	GArray *out, struct subscriber *s, const json_t *list, struct cardea_error *e)
{
	const json_t *row;
	size_t i;
	json_array_foreach(list, i, row) {
		struct cardea_args args = { row, switch_fields }, entry = { row, stream_fields };
		g_autoptr(GArray) wanted = g_array_new(FALSE, FALSE, sizeof(struct wanted));
		if (!wanted_add(wanted, s->room, &entry, e) || !wanted_has_e2ee(wanted, s->e2ee, e))
			return false;
		const char *sub_mid = cardea_str(&args, "sub_mid");
		char *end;
		unsigned long at =
			g_ascii_isdigit(*sub_mid) ? strtoul(sub_mid, &end, 10) : s->streams->len;
		if (!wanted->len || at >= s->streams->len || *end)
			continue;
		struct change change = { (unsigned)at, g_array_index(wanted, struct wanted, 0) };
		if (fits(s->streams->pdata[at], &change.to))
			g_array_append_val(out, change);
	}
	return true;
}

/* The older form: the i-th m-line of each kind and codec takes the feed's i-th stream of that
 * sort. */
static bool changes_by_feed(
	GArray *out, struct subscriber *s, json_t *entry, struct cardea_error *e)
{
	g_autoptr(GArray) wanted = g_array_new(FALSE, FALSE, sizeof(struct wanted));
	struct cardea_args args = { entry, stream_fields };
	if (!wanted_add(wanted, s->room, &args, e) || !wanted_has_e2ee(wanted, s->e2ee, e))
		return false;
	for (unsigned i = 0; i < s->streams->len && wanted->len; i++) {
		const struct sub_stream *st = s->streams->pdata[i];
		for (unsigned w = 0; w < wanted->len; w++) {
			struct change change = { i, g_array_index(wanted, struct wanted, w) };
			const struct stream *to = &change.to.feed->streams[change.to.mindex];
			if (to->kind != st->kind || to->codec != st->codec)
				continue;
			g_array_remove_index(wanted, w);
			if (fits(st, &change.to))
				g_array_append_val(out, change);
			break;
		}
	}
	return true;
}

static void apply_changes(struct cardea_call *c, struct subscriber *s, const GArray *changes)
{
	bool revived = false;
	for (unsigned i = 0; i < changes->len; i++) {
		const struct change *change = &g_array_index(changes, struct change, i);
		struct sub_stream *st = s->streams->pdata[change->mindex];
		revived |= !st->feed;
		sub_stream_attach(st, &change->to);
		sub_stream_route(s, change->mindex);
	}
	if (revived && s->has_pc)
		subscriber_offer_or_wait(s, c->transaction, subscription_event(s, "updated"));
	c->data = json_pack("{s:s, s:s, s:O, s:i, s:o}", "videoroom", "event", "switched", "ok",
		"room", s->room_id.json, "changes", (int)changes->len, "streams",
		subscription_json(s));
}

/* A number that is missing counts as 0, which is nobody's. */
static bool no_feed(struct cardea_error *e)
{
	if (string_ids)
		return cardea_fail(e, E_MISSING, "Missing mandatory element (feed)");
	return cardea_fail(e, E_NO_SUCH_FEED, "No such feed (0)");
}

bool subscriber_switch(struct cardea_call *c, struct subscriber *s)
{
	const json_t *list = cardea_json(&c->args, "streams"),
		     *feed = cardea_json(&c->args, "feed");
	if (!s->room)
		return cardea_fail(c->error, E_NO_SUCH_ROOM, "No such room (%s)", s->room_id.text);
	if (!list && !feed)
		return no_feed(c->error);
	g_autoptr(GArray) changes = g_array_new(FALSE, FALSE, sizeof(struct change));
	json_t *entry = feed ? json_pack("{s:O}", "feed", feed) : NULL;
	bool ok = list ? changes_by_row(changes, s, list, c->error)
		       : changes_by_feed(changes, s, entry, c->error);
	if (ok)
		apply_changes(c, s, changes);
	json_decref(entry);
	return ok;
}
