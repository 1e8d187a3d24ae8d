/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include "errors.h"
#include "layers.h"
#include "room.h"
#include "schema.h"
#include "subscriber_offer.h"
#include "subscriber_requests.h"
#include "subscription.h"
#include "subscription_json.h"

static void take_answer(struct subscriber *s, const struct cardea_desc *answer)
{
	for (unsigned i = 0; i < s->streams->len; i++) {
		struct sub_stream *st = s->streams->pdata[i];
		st->ready = (st->feed || st->kind == CARDEA_DATA) && i < answer->n_media &&
			    !answer->media[i].rejected && answer->media[i].dir & CARDEA_SEND;
	}
}

bool subscriber_take_description(struct cardea_call *c, struct subscriber *s)
{
	if (!c->remote)
		return true;
	if (c->remote->type != CARDEA_ANSWER)
		return cardea_fail(c->error, E_INVALID_SDP_TYPE,
			"Invalid SDP type (subscribers send answers)");
	take_answer(s, c->remote);
	subscription_route(s);
	return true;
}

bool subscriber_start(struct cardea_call *c, struct subscriber *s)
{
	if (!c->remote) {
		s->paused = false;
		subscription_route(s);
	}
	cardea_event(s->handle, c->transaction, subscription_ok(s, "started"), NULL);
	subscriber_offer_if_due(s);
	return true;
}

bool subscriber_pause(struct cardea_call *c, struct subscriber *s)
{
	s->paused = true;
	subscription_route(s);
	c->data = subscription_ok(s, "paused");
	return true;
}

/* Check a row of configure: its mid must exist, and no layer be beyond 2. */
static bool check_row(
	const struct subscriber *s, const struct cardea_args *row, struct cardea_error *e)
{
	const char *mid = cardea_str(row, "mid");
	char *end;
	if (mid && (!g_ascii_isdigit(*mid) || strtoul(mid, &end, 10) >= s->streams->len || *end))
		return cardea_fail(e, E_NO_SUCH_FEED, "No such mid '%s' in subscription", mid);
	return layers_fit(row, e);
}

static void configure_row(struct subscriber *s, const struct cardea_args *row)
{
	const char *mid = cardea_str(row, "mid");
	for (unsigned i = 0; i < s->streams->len; i++) {
		struct sub_stream *st = s->streams->pdata[i];
		if (mid && strtoul(mid, NULL, 10) != i)
			continue;
		sub_stream_apply(st, row);
		layers_tell_current(s, i, row);
		sub_stream_route(s, i);
	}
}

static void configure_kinds(struct subscriber *s, const struct cardea_args *args)
{
	for (unsigned i = 0; i < s->streams->len; i++) {
		struct sub_stream *st = s->streams->pdata[i];
		if (!cardea_given(args, kind_name(st->kind)))
			continue;
		st->send = cardea_bool(args, kind_name(st->kind));
		sub_stream_route(s, i);
	}
}

bool subscriber_configure(struct cardea_call *c, struct subscriber *s)
{
	const struct cardea_args *args = &c->args;
	const json_t *list = cardea_json(args, "streams"), *row;
	size_t i;
	if (s->kicked)
		return cardea_fail(c->error, E_UNAUTHORIZED, "Unauthorized, you have been kicked");
	json_array_foreach(list, i, row) {
		struct cardea_args a = { row, line_fields };
		if (!cardea_given(&a, "mid") && json_array_size(list) > 1)
			return cardea_fail(c->error, E_INVALID,
				"Invalid value (mid can't be null in a streams array)");
		if (!check_row(s, &a, c->error))
			return false;
	}
	if (!list && !check_row(s, args, c->error))
		return false;
	json_array_foreach(list, i, row)
		configure_row(s, &(struct cardea_args){ row, line_fields });
	if (!list)
		configure_row(s, args);
	configure_kinds(s, args);
	bool restart = cardea_bool(args, "restart"), update = cardea_bool(args, "update");
	json_t *data = subscription_ok(s, "configured");
	s->restart_due |= restart;
	if ((restart || update) && s->has_pc && !cardea_offer_pending(s->handle)) {
		subscriber_send_offer(s, c->transaction, data);
		return true;
	}
	s->update_due |= (restart || update) && s->has_pc;
	c->data = data;
	return true;
}

/* The answer to a request that may have changed the m-lines. */
static void answer_update(struct cardea_call *c, struct subscriber *s, bool changed)
{
	json_t *data = subscription_event(s, "updated");
	if (!changed)
		c->data = data;
	else if (!subscriber_offer_or_wait(s, c->transaction, data))
		c->data = subscription_event(s, "updating");
}

/* subscribe, unsubscribe and update are one thing: take away, then add, then offer. */
bool subscriber_update(struct cardea_call *c, struct subscriber *s)
{
	const struct cardea_args *args = &c->args;
	const json_t *add = cardea_json(args, "subscribe"),
		     *remove = cardea_json(args, "unsubscribe");
	if (!s->room)
		return cardea_fail(c->error, E_NO_SUCH_ROOM, "No such room (%s)", s->room_id.text);
	if (!add && !remove)
		return cardea_fail(c->error, E_MISSING,
			"At least one of either 'subscribe' or 'unsubscribe' must be present");
	GArray *wanted = g_array_new(FALSE, FALSE, sizeof(struct wanted));
	bool ok = wanted_list(wanted, s->room, add, c->error) &&
		  wanted_has_e2ee(wanted, s->e2ee, c->error) &&
		  subscription_fits(s, wanted, c->error);
	if (ok) {
		bool changed = subscription_remove(s, remove);
		for (unsigned i = 0; i < wanted->len; i++)
			changed |= subscription_add(s, &g_array_index(wanted, struct wanted, i));
		answer_update(c, s, changed);
	}
	g_array_free(wanted, TRUE);
	return ok;
}
