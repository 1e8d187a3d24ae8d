/* SPDX-License-Identifier: Apache-2.0 */
#include <strings.h>
#include "access.h"
#include "errors.h"
#include "member.h"
#include "member_requests.h"
#include "publish.h"
#include "publisher_join.h"
#include "publisher_leave.h"
#include "rooms.h"
#include "schema.h"
#include "sfu_client.h"
#include "subscriber_join.h"
#include "subscriber_leave.h"
#include "subscriber_requests.h"
#include "switch.h"

/* ---- joining ---- */

static bool join(struct cardea_call *c, bool configure)
{
	const struct credentials given = { cardea_str(&c->args, "pin"),
		cardea_str(&c->args, "token") };
	const char *ptype = cardea_str(&c->args, "ptype");
	struct room *r = room_find(cardea_json(&c->args, "room"), c->error);
	if (!r)
		return false;
	bool publisher = !strcasecmp(ptype, "publisher");
	if (!publisher && (configure || strcasecmp(ptype, "subscriber") != 0))
		return cardea_fail(c->error, E_INVALID, "Invalid element (ptype)");
	if (!sfu_client_is_in(c->handle, r) && !room_admits(r, &given, publisher, c->error))
		return false;
	return publisher ? publisher_join(c, r, configure) : subscriber_join(c, r);
}

bool on_join(struct cardea_call *c)
{
	return join(c, false);
}

bool on_joinandconfigure(struct cardea_call *c)
{
	return join(c, true);
}

/* ---- taking part ---- */

static struct publisher *publisher_of(const struct cardea_call *c)
{
	return ((const struct member *)cardea_user_data(c->handle))->publisher;
}

/* The subscriber behind a request, once the description that came along is in force; NULL with the
 * error filled. */
static struct subscriber *subscriber_of(struct cardea_call *c)
{
	struct subscriber *s = ((const struct member *)cardea_user_data(c->handle))->subscriber;
	return s && subscriber_take_description(c, s) ? s : NULL;
}

bool on_configure(struct cardea_call *c)
{
	struct publisher *p = publisher_of(c);
	if (p)
		return publisher_request(c, p);
	struct subscriber *s = subscriber_of(c);
	return s && subscriber_configure(c, s);
}

bool on_publish(struct cardea_call *c)
{
	struct publisher *p = publisher_of(c);
	if (p->announced)
		return cardea_fail(
			c->error, E_ALREADY_PUBLISHED, "Can't publish, already published");
	return publisher_request(c, p);
}

bool on_unpublish(struct cardea_call *c)
{
	return publisher_unpublish(c, publisher_of(c));
}

bool on_start(struct cardea_call *c)
{
	struct subscriber *s = subscriber_of(c);
	return s && subscriber_start(c, s);
}

bool on_pause(struct cardea_call *c)
{
	struct subscriber *s = subscriber_of(c);
	return s && subscriber_pause(c, s);
}

/* subscribe and unsubscribe are update with one of its two lists, and that list must not be
 * empty. */
static bool update_as(struct cardea_call *c, const char *request)
{
	struct subscriber *s = subscriber_of(c);
	const json_t *list = cardea_json(&c->args, "streams");
	if (!s)
		return false;
	if (!json_array_size(list))
		return cardea_fail(c->error, E_INVALID, "Empty subscription list");
	json_t *body = json_pack("{s:O}", request, list);
	c->args = (struct cardea_args){ body, update_fields };
	bool ok = subscriber_update(c, s);
	json_decref(body);
	return ok;
}

bool on_subscribe(struct cardea_call *c)
{
	return update_as(c, "subscribe");
}

bool on_unsubscribe(struct cardea_call *c)
{
	return update_as(c, "unsubscribe");
}

bool on_update(struct cardea_call *c)
{
	struct subscriber *s = subscriber_of(c);
	return s && subscriber_update(c, s);
}

bool on_switch(struct cardea_call *c)
{
	struct subscriber *s = subscriber_of(c);
	return s && subscriber_switch(c, s);
}

bool on_leave(struct cardea_call *c)
{
	struct publisher *p = publisher_of(c);
	if (p)
		return publisher_leave(c, p);
	struct subscriber *s = subscriber_of(c);
	return s && subscriber_leave(c, s);
}
