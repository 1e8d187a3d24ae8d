/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "errors.h"
#include "member.h"
#include "publisher.h"
#include "sfu_client.h"

static struct member *member_of(const struct cardea_handle *h)
{
	return cardea_user_data(h);
}

/* ---- its handles ---- */

struct cardea_handle *sfu_client_open_handle(struct sfu_client *s, struct cardea_error *e)
{
	struct cardea_handle *h = cardea_extra_handle(s->handle, e);
	if (h)
		member_of(h)->sfu = s;
	else
		sfu_error(e);
	return h;
}

void sfu_client_end_handle(struct cardea_handle **h)
{
	if (!*h)
		return;
	member_of(*h)->sfu = NULL;
	cardea_end(*h);
	*h = NULL;
}

void sfu_client_end_handles(struct cardea_handle *h)
{
	struct sfu_client *s = member_of(h)->sfu;
	if (!s)
		return;
	sfu_client_end_handle(&s->publish_handle);
	sfu_client_end_handle(&s->receive_handle);
}

/* ---- sending ---- */

void sfu_client_send(struct sfu_client *s, json_t *message)
{
	if (s->held)
		json_array_append_new(s->held, message);
	else
		cardea_direct_send(s->handle, message);
}

void sfu_client_send_error(struct sfu_client *s, const struct cardea_error *e)
{
	sfu_client_send(s, json_pack("{s:s, s:i, s:s}", "type", "error", "code", e->code, "reason",
				   e->reason));
}

/* The room's numbers and the core's (see cardea_take_jsep()) as those of /sfu. */
static int code_of(int code)
{
	static const struct {
		int code, here;
	} all[] = {
		{ E_NO_SUCH_ROOM, SFU_UNKNOWN },
		{ E_NO_SUCH_FEED, SFU_UNKNOWN },
		{ E_UNAUTHORIZED, SFU_UNAUTHORIZED },
		{ E_ID_EXISTS, SFU_CONFLICT },
		{ E_ROOM_EXISTS, SFU_CONFLICT },
		{ E_PUBLISHERS_FULL, SFU_FULL },
		{ E_UNKNOWN, SFU_FULL },
		{ 461, SFU_FULL },
		{ 469, SFU_CONFLICT },
		{ 490, SFU_FULL },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
		if (all[i].code == code)
			return all[i].here;
	return SFU_INVALID;
}

bool sfu_error(struct cardea_error *e)
{
	e->code = code_of(e->code);
	return false;
}

bool sfu_client_describe(struct cardea_handle *h, struct cardea_desc *desc)
{
	struct sfu_client *s = member_of(h)->sfu;
	const char *type = desc->type == CARDEA_OFFER ? "offer" : "answer";
	struct cardea_error e;
	if (!s) {
		cardea_desc_free(desc);
		return false;
	}
	json_t *jsep = cardea_describe(h, desc, &e);
	if (jsep)
		sfu_client_send(s, json_pack("{s:s, s:o}", "type", type, type, jsep));
	else if (!sfu_error(&e))
		sfu_client_send_error(s, &e);
	return jsep != NULL;
}

/* ---- who it is ---- */

struct publisher *sfu_client_publisher(const struct sfu_client *s, struct cardea_error *e)
{
	if (s->publish_handle)
		return member_of(s->publish_handle)->publisher;
	cardea_fail(e, SFU_INVALID, "Not in a room: join first");
	return NULL;
}

const struct subscriber *sfu_client_subscriber(const struct sfu_client *s)
{
	return s->receive_handle ? member_of(s->receive_handle)->subscriber : NULL;
}

const char *sfu_client_name(const struct cardea_handle *h)
{
	const struct sfu_client *s = member_of(h)->sfu;
	return s ? s->name : NULL;
}

bool sfu_client_is_in(const struct cardea_handle *h, const struct room *r)
{
	const struct sfu_client *s = member_of(h)->sfu;
	struct cardea_error none;
	const struct publisher *me =
		s && h != s->publish_handle ? sfu_client_publisher(s, &none) : NULL;
	return me && me->room == r;
}
