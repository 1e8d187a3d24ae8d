/* SPDX-License-Identifier: Apache-2.0 */
#include "role.h"
#include "room.h"

static const struct member *member_of(const struct cardea_call *c)
{
	return cardea_user_data(c->handle);
}

static bool is_out(const struct member *m)
{
	return m->role == ROLE_PUBLISHER && !m->publisher->room;
}

bool role_none(struct cardea_call *c)
{
	const struct member *m = member_of(c);
	if (is_out(m))
		return cardea_fail(
			c->error, E_ALREADY_JOINED, "Not in a room (create a new handle)");
	return m->role == ROLE_NONE ||
	       cardea_fail(c->error, E_ALREADY_JOINED, "Already in as a %s on this handle",
		       m->role == ROLE_PUBLISHER ? "publisher" : "subscriber");
}

bool role_any(struct cardea_call *c)
{
	const struct member *m = member_of(c);
	if (m->role == ROLE_NONE)
		return cardea_fail(
			c->error, E_JOIN_FIRST, "Invalid request on unconfigured participant");
	return !is_out(m) || cardea_fail(c->error, E_NO_SUCH_ROOM, "No such room");
}

static bool has_role(struct cardea_call *c, int role)
{
	return role_any(c) &&
	       ((int)member_of(c)->role == role || cardea_fail(c->error, E_INVALID_REQUEST,
							   "Unknown request '%s'", c->request));
}

bool role_publisher(struct cardea_call *c)
{
	return has_role(c, ROLE_PUBLISHER);
}

bool role_subscriber(struct cardea_call *c)
{
	return has_role(c, ROLE_SUBSCRIBER);
}
