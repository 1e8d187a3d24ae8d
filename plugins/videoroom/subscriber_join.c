/* SPDX-License-Identifier: Apache-2.0 */
#include "access.h"
#include "display.h"
#include "errors.h"
#include "member.h"
#include "notice.h"
#include "schema.h"
#include "subscriber_join.h"
#include "subscriber_leave.h"
#include "subscriber_offer.h"
#include "subscription.h"
#include "subscription_json.h"

/* The older form can leave out kinds. */
static bool is_kind_wanted(const struct cardea_args *args, enum cardea_kind kind)
{
	if (kind == CARDEA_AUDIO)
		return cardea_bool(args, "offer_audio");
	if (kind == CARDEA_VIDEO)
		return cardea_bool(args, "offer_video");
	return cardea_bool(args, "offer_data");
}

/* The older form names one feed. */
static bool wanted_legacy(GArray *out, struct room *r, const struct cardea_args *args,
	json_t *entry, struct cardea_error *e)
{
	if (!cardea_given(args, "feed"))
		return cardea_fail(e, E_MISSING, "Missing mandatory element (feed)");
	json_object_set(entry, "feed", (json_t *)cardea_json(args, "feed"));
	struct cardea_args a = { entry, stream_fields };
	if (!wanted_add(out, r, &a, e))
		return false;
	for (unsigned i = out->len; i-- > 0;) {
		const struct wanted *w = &g_array_index(out, struct wanted, i);
		if (!is_kind_wanted(args, w->feed->streams[w->mindex].kind))
			g_array_remove_index(out, i);
	}
	return true;
}

static struct subscriber *subscriber_new(struct cardea_call *c, struct room *r)
{
	struct subscriber *s = g_new0(struct subscriber, 1);
	s->room = r;
	s->handle = c->handle;
	s->private_id = (uint32_t)cardea_int(&c->args, "private_id");
	s->use_msid = cardea_bool(&c->args, "use_msid");
	s->autoupdate = cardea_bool(&c->args, "autoupdate");
	s->streams = g_ptr_array_new_with_free_func(sub_stream_free);
	ident_set(&s->room_id, r->id.json);
	g_ptr_array_add(r->subscribers, s);
	room_touch(r);
	return s;
}

static bool check_first(const GArray *wanted, struct cardea_error *e)
{
	if (!wanted->len)
		return cardea_fail(e, E_INVALID_SDP, "Nothing to subscribe to");
	return wanted_has_e2ee(wanted, g_array_index(wanted, struct wanted, 0).feed->e2ee, e);
}

static void attach_streams(struct cardea_call *c, struct room *r, const GArray *wanted, bool legacy)
{
	struct member *m = cardea_user_data(c->handle);
	struct subscriber *s = subscriber_new(c, r);
	s->e2ee = g_array_index(wanted, struct wanted, 0).feed->e2ee;
	for (unsigned i = 0; i < wanted->len; i++)
		subscription_add(s, &g_array_index(wanted, struct wanted, i));
	json_t *data = subscription_event(s, "attached");
	if (legacy) {
		const struct publisher *p = g_array_index(wanted, struct wanted, 0).feed;
		json_object_set(data, "id", p->id.json);
		json_object_set_new(data, "warning", json_string("deprecated_api"));
		display_json(data, p);
	}
	json_object_set_new(data, "streams", subscription_json(s));
	cardea_place(c->handle, g_str_hash(r->id.text));
	if (!subscriber_send_offer(s, c->transaction, data)) {
		subscriber_free(s); /* the handle may join again */
		return;
	}
	m->role = ROLE_SUBSCRIBER;
	m->subscriber = s;
	notice_subscribed(s);
}

bool subscriber_join(struct cardea_call *c, struct room *r)
{
	const json_t *list = cardea_json(&c->args, "streams");
	bool legacy = json_array_size(list) == 0;
	if (!room_knows(r, (uint32_t)cardea_int(&c->args, "private_id"), c->error))
		return false;
	if (c->remote)
		return cardea_fail(c->error, E_INVALID_REQUEST,
			"Subscribers get an offer, they do not make one");
	GArray *wanted = g_array_new(FALSE, FALSE, sizeof(struct wanted));
	json_t *entry = json_object();
	bool ok = legacy ? wanted_legacy(wanted, r, &c->args, entry, c->error)
			 : wanted_list(wanted, r, list, c->error);
	ok = ok && check_first(wanted, c->error);
	if (ok)
		attach_streams(c, r, wanted, legacy);
	g_array_free(wanted, TRUE);
	json_decref(entry);
	return ok;
}
