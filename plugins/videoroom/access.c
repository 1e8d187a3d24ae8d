/* SPDX-License-Identifier: Apache-2.0 */
#include "access.h"
#include "allowed.h"
#include "news.h"
#include "requests.h"

#define REALM "janus.plugin.videoroom"

/* ---- secrets ---- */

static bool said_right(
	const char *ours, const char *said, const char *field, struct cardea_error *e)
{
	if (!ours)
		return true;
	if (!said)
		return cardea_fail(e, E_MISSING, "Missing mandatory element (%s)", field);
	if (!cardea_same_secret(ours, said))
		return cardea_fail(e, E_UNAUTHORIZED, "Unauthorized (wrong %s)", field);
	return true;
}

bool secret_ok(
	const char *ours, const struct cardea_args *args, const char *field, struct cardea_error *e)
{
	return said_right(ours, cardea_str(args, field), field, e);
}

bool room_allows(const struct room *r, const struct cardea_args *args, struct cardea_error *e)
{
	return secret_ok(r->secret, args, "secret", e);
}

/* ---- coming in ---- */

static bool has_signed(const struct room *r, const char *token, struct cardea_error *e)
{
	if (!r->signed_tokens || !cardea_has_signed_tokens())
		return true;
	g_autofree char *descriptor = g_strdup_printf("room=%s", room_name(r));
	return cardea_token_allows(token, REALM, descriptor) ||
	       cardea_fail(e, E_UNAUTHORIZED, "Unauthorized (wrong token)");
}

static bool is_listed(const struct room *r, const char *token, struct cardea_error *e)
{
	return !r->checks_tokens || allowed_has(r->allowed, token) ||
	       cardea_fail(e, E_UNAUTHORIZED, "Unauthorized (not in the allowed list)");
}

bool room_admits(const struct room *r, const struct credentials *said, bool publishes,
	struct cardea_error *e)
{
	return has_signed(r, said->token, e) && said_right(r->pin, said->pin, "pin", e) &&
	       (!publishes || is_listed(r, said->token, e));
}

bool room_knows(const struct room *r, uint32_t private_id, struct cardea_error *e)
{
	return !r->require_pvtid ||
	       (private_id &&
		       g_hash_table_contains(r->by_private_id, GUINT_TO_POINTER(private_id))) ||
	       cardea_fail(
		       e, E_UNAUTHORIZED, "Unauthorized (this room requires a valid private_id)");
}

/* ---- looking in ---- */

static bool is_in(const struct room *r, const struct cardea_handle *h)
{
	const struct member *m = h ? cardea_user_data(h) : NULL;
	return m && ((m->publisher && m->publisher->room == r) ||
			    (m->subscriber && m->subscriber->room == r && !m->subscriber->kicked));
}

bool room_shows(const struct room *r, const struct cardea_call *c)
{
	const struct credentials said = { cardea_str(&c->args, "pin"),
		cardea_str(&c->args, "token") };
	struct cardea_error unused;
	/* Without a handle it is the operator, who has come by the Admin API. */
	if (!c->handle || is_in(r, c->handle) || room_admits(r, &said, true, c->error))
		return true;
	return r->secret && room_allows(r, &c->args, &unused);
}

/* ---- the list of tokens ---- */

bool on_allowed(struct cardea_call *c)
{
	const char *action = cardea_str(&c->args, "action");
	const json_t *list = cardea_json(&c->args, "allowed");
	struct room *r = room_find(cardea_json(&c->args, "room"), c->error);
	if (!r || !room_allows(r, &c->args, c->error))
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
