/* SPDX-License-Identifier: Apache-2.0 */
#include "access.h"
#include "allowed.h"
#include "errors.h"
#include "member.h"
#include "subscriber.h"

#define REALM "janus.plugin.videoroom"

/* ---- secrets ---- */

static bool secret_matches(
	const char *ours, const char *given, const char *field, struct cardea_error *e)
{
	if (!ours)
		return true;
	if (!given)
		return cardea_fail(e, E_MISSING, "Missing mandatory element (%s)", field);
	if (!cardea_same_secret(ours, given))
		return cardea_fail(e, E_UNAUTHORIZED, "Unauthorized (wrong %s)", field);
	return true;
}

bool secret_ok(
	const char *ours, const struct cardea_args *args, const char *field, struct cardea_error *e)
{
	return secret_matches(ours, cardea_str(args, field), field, e);
}

bool room_secret_ok(const struct room *r, const struct cardea_args *args, struct cardea_error *e)
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

bool room_admits(const struct room *r, const struct credentials *given, bool publishes,
	struct cardea_error *e)
{
	return has_signed(r, given->token, e) && secret_matches(r->pin, given->pin, "pin", e) &&
	       (!publishes || is_listed(r, given->token, e));
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
	const struct credentials given = { cardea_str(&c->args, "pin"),
		cardea_str(&c->args, "token") };
	struct cardea_error unused;
	/* Without a handle it is the operator, who has come by the Admin API. */
	if (!c->handle || is_in(r, c->handle) || room_admits(r, &given, true, c->error))
		return true;
	return r->secret && room_secret_ok(r, &c->args, &unused);
}
