/* SPDX-License-Identifier: Apache-2.0 */
#include "errors.h"
#include "member.h"
#include "publisher.h"
#include "role_check.h"

static const struct member *member_of(const struct cardea_call *c)
{
	return cardea_user_data(c->handle);
}

static bool is_out(const struct member *m)
{
	return m->role == ROLE_PUBLISHER && !m->publisher->room;
}

bool must_be_new(struct cardea_call *c)
{
	const struct member *m = member_of(c);
	if (is_out(m))
		return cardea_fail(
			c->error, E_ALREADY_JOINED, "Not in a room (create a new handle)");
	return m->role == ROLE_NONE ||
	       cardea_fail(c->error, E_ALREADY_JOINED, "Already in as a %s on this handle",
		       m->role == ROLE_PUBLISHER ? "publisher" : "subscriber");
}

bool must_be_in(struct cardea_call *c)
{
	const struct member *m = member_of(c);
	if (m->role == ROLE_NONE)
		return cardea_fail(
			c->error, E_JOIN_FIRST, "Invalid request on unconfigured participant");
	return !is_out(m) || cardea_fail(c->error, E_NO_SUCH_ROOM, "No such room");
}

static bool has_role(struct cardea_call *c, int role)
{
	if (!must_be_in(c))
		return false;
	return (int)member_of(c)->role == role ||
	       cardea_fail(c->error, E_INVALID_REQUEST, "Unknown request '%s'", c->request);
}

bool must_publish(struct cardea_call *c)
{
	return has_role(c, ROLE_PUBLISHER);
}

bool must_subscribe(struct cardea_call *c)
{
	return has_role(c, ROLE_SUBSCRIBER);
}
