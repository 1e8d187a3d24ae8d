/* SPDX-License-Identifier: Apache-2.0 */
#include "access.h"
#include "allowed.h"
#include "bitrate.h"
#include "errors.h"
#include "notice.h"
#include "record_place.h"
#include "room_end.h"
#include "room_list.h"
#include "room_options.h"
#include "room_record.h"
#include "room_requests.h"
#include "rooms.h"

/* bytes of a list of rooms: ten thousand with short texts; more would hold all others up */
#define LIST_MAX (4 << 20)

bool on_create(struct cardea_call *c)
{
	struct cardea_args args = c->args;
	if (!secret_ok(admin_key, &args, "admin_key", c->error) ||
		!record_place_ok(cardea_str(&args, "rec_dir"), !c->handle || admin_key, c->error))
		return false;
	const json_t *id = cardea_json(&args, "room");
	struct room *r = room_create(c->handle, ident_is_any(id) ? NULL : id, &args, c->error);
	if (!r)
		return false;
	if (r->signed_tokens && !cardea_has_signed_tokens())
		cardea_log(CARDEA_LOG_WARN, "videoroom", 0, "room asks for no tokens",
			"room=%s because=\"signed_tokens without general.token_auth_secret\"",
			IDENT_LOGGED(r->id));
	r->is_permanent = cardea_bool(&args, "permanent");
	c->data = json_pack(
		"{s:s, s:O, s:b}", "videoroom", "created", "room", r->id.json, "permanent", 0);
	return true;
}

bool on_edit(struct cardea_call *c)
{
	struct room *r = room_find(cardea_json(&c->args, "room"), c->error);
	g_autofree char *warning = NULL;
	if (!r || !room_secret_ok(r, &c->args, c->error) ||
		!record_place_ok(cardea_str(&c->args, "new_rec_dir"), !c->handle, c->error))
		return false;
	bool was_recorded = r->record;
	room_options_edit(r, &c->args);
	bool is_recorded = r->record;
	r->record = was_recorded;
	if (is_recorded != was_recorded && !room_record_set(r, is_recorded, &warning, c->error))
		return false;
	if (cardea_given(&c->args, "new_bitrate"))
		bitrate_limit_all(r);
	notice_room(r, "edited");
	c->data = json_pack(
		"{s:s, s:O, s:b}", "videoroom", "edited", "room", r->id.json, "permanent", 0);
	if (warning)
		json_object_set_new(c->data, "warning", cardea_json_text(warning));
	return true;
}

bool on_destroy(struct cardea_call *c)
{
	struct room *r = room_find(cardea_json(&c->args, "room"), c->error);
	if (!r || !room_secret_ok(r, &c->args, c->error))
		return false;
	c->data = json_pack(
		"{s:s, s:O, s:b}", "videoroom", "destroyed", "room", r->id.json, "permanent", 0);
	room_destroy(r);
	return true;
}

bool on_exists(struct cardea_call *c)
{
	struct cardea_error unused;
	const json_t *id = cardea_json(&c->args, "room");
	c->data = json_pack("{s:s, s:O, s:b}", "videoroom", "success", "room", id, "exists",
		room_find(id, &unused) != NULL);
	return true;
}

/* ---- listing ---- */

static json_t *list_rooms(bool all)
{
	GHashTableIter it;
	struct room *r;
	json_t *list = json_array();
	g_hash_table_iter_init(&it, rooms_table());
	while (g_hash_table_iter_next(&it, NULL, (void **)&r))
		if (all || !r->is_private)
			json_array_append_new(list, room_list_entry(r));
	return list;
}

/* As text: there may be thousands. @param left_out out: how many did not fit in */
static char *print_rooms(bool all, unsigned *left_out)
{
	GHashTableIter it;
	struct room *r;
	GString *out = g_string_sized_new(64 << 10);
	g_string_append_c(out, '[');
	g_hash_table_iter_init(&it, rooms_table());
	while (g_hash_table_iter_next(&it, NULL, (void **)&r)) {
		if (!all && r->is_private)
			continue;
		if (out->len > LIST_MAX) {
			++*left_out;
			continue;
		}
		if (out->len > 1)
			g_string_append_c(out, ',');
		room_list_text(r, out);
	}
	g_string_append_c(out, ']');
	return g_string_free(out, FALSE);
}

bool on_list(struct cardea_call *c)
{
	bool all = admin_key && cardea_given(&c->args, "admin_key");
	if (all && !secret_ok(admin_key, &c->args, "admin_key", c->error))
		return false;
	unsigned left_out = 0;
	c->inner = c->handle ? print_rooms(all, &left_out) : NULL;
	c->data = json_pack("{s:s}", "videoroom", "success");
	if (left_out)
		json_object_set_new(c->data, "left_out", json_integer(left_out));
	json_object_set_new(c->data, "list", c->inner ? json_null() : list_rooms(all));
	return true;
}

/* ---- the list of tokens ---- */

bool on_allowed(struct cardea_call *c)
{
	const char *action = cardea_str(&c->args, "action");
	const json_t *list = cardea_json(&c->args, "allowed");
	struct room *r = room_find(cardea_json(&c->args, "room"), c->error);
	if (!r || !room_secret_ok(r, &c->args, c->error))
		return false;
	bool adds = !g_ascii_strcasecmp(action, "add"),
	     removes = !g_ascii_strcasecmp(action, "remove");
	bool enables = !g_ascii_strcasecmp(action, "enable"),
	     disables = !g_ascii_strcasecmp(action, "disable");
	if (!adds && !removes && !enables && !disables)
		return cardea_fail(
			c->error, E_INVALID, "Unsupported action '%s' (allowed)", action);
	if ((adds || removes) && !list)
		return cardea_fail(c->error, E_MISSING, "Missing mandatory element (allowed)");
	if (adds && !allowed_add(r->allowed, list, c->error))
		return false;
	if (removes)
		allowed_remove(r->allowed, list);
	if (enables || disables)
		r->checks_tokens = enables;
	c->data = json_pack("{s:s, s:O}", "videoroom", "success", "room", r->id.json);
	if (!disables)
		json_object_set_new(c->data, "allowed", allowed_json(r->allowed));
	return true;
}
