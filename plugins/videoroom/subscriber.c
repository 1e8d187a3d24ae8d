/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "access.h"
#include "data.h"
#include "empty.h"
#include "face.h"
#include "news.h"
#include "owed.h"
#include "schema.h"
#include "subscription.h"

/** @file
 * Subscribers: one PeerConnection each, offered by us, fed by any number of publishers. */

static json_t *answer_new(const struct subscriber *s, const char *videoroom)
{
	return json_pack("{s:s, s:O}", "videoroom", videoroom, "room", s->room_id.json);
}

static json_t *event_with(const struct subscriber *s, const char *name)
{
	json_t *j = answer_new(s, "event");
	json_object_set_new(j, name, json_string("ok"));
	return j;
}

/* ---- offers ---- */

/* @return false: the client has been told why not; what was due still is */
static bool offer_anew(struct subscriber *s, const char *transaction, json_t *data)
{
	struct cardea_desc *offer = subscription_offer(s);
	offer->restart = s->restart_due && s->has_pc;
	if (!tell_description(s->handle, transaction, data, offer))
		return false;
	s->restart_due = s->update_due = false;
	s->has_pc = true;
	s->offer_owed = false;
	return true;
}

/* Tell the client what it gets now, and offer it; or keep it for when the pending offer is
 * answered. */
static void push_update(struct subscriber *s)
{
	if (!s->has_pc || s->left)
		return;
	if (cardea_offer_pending(s->handle)) {
		s->update_due = true;
		return;
	}
	json_t *data = answer_new(s, "updated");
	json_object_set_new(data, "streams", subscription_json(s));
	offer_anew(s, NULL, data);
}

/* The answer to a request that changed the m-lines. */
static bool answer_update(struct cardea_call *c, struct subscriber *s, bool changed)
{
	if (changed && s->has_pc && cardea_offer_pending(s->handle)) {
		s->update_due = true;
		c->data = answer_new(s, "updating");
		return true;
	}
	json_t *data = answer_new(s, "updated");
	if (!changed) {
		c->data = data;
		return true;
	}
	json_object_set_new(data, "streams", subscription_json(s));
	offer_anew(s, c->transaction, data);
	return true;
}

/* ---- joining ---- */

static bool kind_offered(const struct cardea_args *args, enum cardea_kind kind)
{
	return cardea_bool(args, kind == CARDEA_AUDIO   ? "offer_audio"
				 : kind == CARDEA_VIDEO ? "offer_video"
							: "offer_data");
}

/* The older form names one feed; kinds can be left out. */
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
		if (!kind_offered(args, w->feed->streams[w->mindex].kind))
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
	empty_touch(r);
	return s;
}

/* What is encrypted end to end and what is not do not go by one connection: its far end could not
 * tell them apart. */
static bool check_e2ee(bool e2ee, const GArray *wanted, struct cardea_error *e)
{
	for (unsigned i = 0; i < wanted->len; i++)
		if (g_array_index(wanted, struct wanted, i).feed->e2ee != e2ee)
			return cardea_fail(e, E_INVALID_FEED,
				"Can't mix end-to-end encrypted and other feeds in a subscription");
	return true;
}

static bool check_first(const GArray *wanted, struct cardea_error *e)
{
	return wanted->len
		       ? check_e2ee(g_array_index(wanted, struct wanted, 0).feed->e2ee, wanted, e)
		       : cardea_fail(e, E_INVALID_SDP, "Nothing to subscribe to");
}

static void attach_streams(struct cardea_call *c, struct room *r, const GArray *wanted, bool legacy)
{
	struct member *m = cardea_user_data(c->handle);
	struct subscriber *s = subscriber_new(c, r);
	s->e2ee = g_array_index(wanted, struct wanted, 0).feed->e2ee;
	for (unsigned i = 0; i < wanted->len; i++)
		subscription_add(s, &g_array_index(wanted, struct wanted, i));
	json_t *data = answer_new(s, "attached");
	if (legacy) {
		const struct publisher *p = g_array_index(wanted, struct wanted, 0).feed;
		json_object_set(data, "id", p->id.json);
		json_object_set_new(data, "warning", json_string("deprecated_api"));
		if (p->display)
			json_object_set_new(data, "display", json_string(p->display));
		if (p->metadata)
			json_object_set(data, "metadata", p->metadata);
	}
	json_object_set_new(data, "streams", subscription_json(s));
	cardea_place(c->handle, g_str_hash(r->id.text));
	if (!offer_anew(s, c->transaction, data)) {
		subscriber_free(s); /* the handle may join again */
		return;
	}
	m->role = ROLE_SUBSCRIBER;
	m->subscriber = s;
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

/* ---- requests ---- */

static void route_all(struct subscriber *s)
{
	for (unsigned i = 0; i < s->streams->len; i++)
		sub_stream_route(s, i);
}

static void take_answer(struct subscriber *s, const struct cardea_desc *answer)
{
	for (unsigned i = 0; i < s->streams->len; i++) {
		struct sub_stream *st = s->streams->pdata[i];
		st->ready = (st->feed || st->kind == CARDEA_DATA) && i < answer->n_media &&
			    !answer->media[i].rejected && answer->media[i].dir & CARDEA_SEND;
	}
}

bool subscriber_heard(struct cardea_call *c, struct subscriber *s)
{
	if (!c->remote)
		return true;
	if (c->remote->type != CARDEA_ANSWER)
		return cardea_fail(c->error, E_INVALID_SDP_TYPE,
			"Invalid SDP type (subscribers send answers)");
	take_answer(s, c->remote);
	route_all(s);
	return true;
}

void subscriber_settled(struct subscriber *s)
{
	if (s->update_due && !cardea_offer_pending(s->handle))
		push_update(s);
}

bool subscriber_start(struct cardea_call *c, struct subscriber *s)
{
	if (!c->remote) {
		s->paused = false;
		route_all(s);
	}
	cardea_event(s->handle, c->transaction, event_with(s, "started"), NULL);
	subscriber_settled(s);
	return true;
}

bool subscriber_pause(struct cardea_call *c, struct subscriber *s)
{
	s->paused = true;
	route_all(s);
	c->data = event_with(s, "paused");
	return true;
}

static void tell_layer(const struct subscriber *s, unsigned mindex, const char *name, int value)
{
	char mid[12];
	g_snprintf(mid, sizeof mid, "%u", mindex);
	json_t *event = answer_new(s, "event");
	json_object_set_new(event, "mid", json_string(mid));
	json_object_set_new(event, name, json_integer(value));
	cardea_event(s->handle, NULL, event, NULL);
}

/* A layer asked for that is there already will not change: say so now. */
static void tell_current(
	const struct subscriber *s, unsigned mindex, const struct cardea_args *args)
{
	const struct sub_stream *st = s->streams->pdata[mindex];
	const struct {
		const char *name;
		int now, wanted;
	} rows[] = {
		{ "substream", st->now.substream, st->substream },
		{ "temporal", st->now.temporal, st->temporal },
		{ "spatial_layer", st->now.spatial, st->spatial },
		{ "temporal_layer", st->now.svc_temporal, st->svc_temporal },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		if (cardea_given(args, rows[i].name) && rows[i].now == rows[i].wanted)
			tell_layer(s, mindex, rows[i].name, rows[i].now);
}

/* Check a row of configure: its mid must exist, and no layer be beyond 2. */
static bool check_row(
	const struct subscriber *s, const struct cardea_args *row, struct cardea_error *e)
{
	static const char *const layers[] = { "substream", "temporal", "spatial_layer",
		"temporal_layer" };
	const char *mid = cardea_str(row, "mid");
	char *end;
	for (size_t i = 0; i < G_N_ELEMENTS(layers); i++)
		if (cardea_given(row, layers[i]) && cardea_int(row, layers[i]) > 2)
			return cardea_fail(e, E_INVALID,
				"Invalid value (substream/spatial_layer should be 0, 1 or 2)");
	if (mid && (!g_ascii_isdigit(*mid) || strtoul(mid, &end, 10) >= s->streams->len || *end))
		return cardea_fail(e, E_NO_SUCH_FEED, "No such mid '%s' in subscription", mid);
	return true;
}

static void configure_row(struct subscriber *s, const struct cardea_args *row)
{
	const char *mid = cardea_str(row, "mid");
	for (unsigned i = 0; i < s->streams->len; i++) {
		struct sub_stream *st = s->streams->pdata[i];
		if (mid && strtoul(mid, NULL, 10) != i)
			continue;
		sub_stream_apply(st, row);
		tell_current(s, i, row);
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
	json_t *data = event_with(s, "configured");
	s->restart_due |= restart;
	if ((restart || update) && s->has_pc && !cardea_offer_pending(s->handle)) {
		offer_anew(s, c->transaction, data);
		return true;
	}
	s->update_due |= (restart || update) && s->has_pc;
	c->data = data;
	return true;
}

/** subscribe, unsubscribe and update are one thing: take away, then add, then offer. */
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
		  check_e2ee(s->e2ee, wanted, c->error) &&
		  subscription_has_room(s, wanted, c->error);
	if (ok) {
		bool changed = subscription_remove(s, remove);
		for (unsigned i = 0; i < wanted->len; i++)
			changed |= subscription_add(s, &g_array_index(wanted, struct wanted, i));
		answer_update(c, s, changed);
	}
	g_array_free(wanted, TRUE);
	return ok;
}

/* ---- switching ---- */

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
		if (!wanted_add(wanted, s->room, &entry, e) || !check_e2ee(s->e2ee, wanted, e))
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
	if (!wanted_add(wanted, s->room, &args, e) || !check_e2ee(s->e2ee, wanted, e))
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
	if (revived && s->has_pc) {
		json_t *data = answer_new(s, "updated");
		json_object_set_new(data, "streams", subscription_json(s));
		if (cardea_offer_pending(s->handle)) {
			s->update_due = true;
			json_decref(data);
		} else {
			offer_anew(s, c->transaction, data);
		}
	}
	c->data = json_pack("{s:s, s:s, s:O, s:i, s:o}", "videoroom", "event", "switched", "ok",
		"room", s->room_id.json, "changes", (int)changes->len, "streams",
		subscription_json(s));
}

bool subscriber_switch(struct cardea_call *c, struct subscriber *s)
{
	const json_t *list = cardea_json(&c->args, "streams"),
		     *feed = cardea_json(&c->args, "feed");
	if (!s->room)
		return cardea_fail(c->error, E_NO_SUCH_ROOM, "No such room (%s)", s->room_id.text);
	if (!list && !feed)
		return string_ids ? cardea_fail(
					    c->error, E_MISSING, "Missing mandatory element (feed)")
				  : cardea_fail(c->error, E_NO_SUCH_FEED, "No such feed (0)");
	g_autoptr(GArray) changes = g_array_new(FALSE, FALSE, sizeof(struct change));
	json_t *entry = feed ? json_pack("{s:O}", "feed", feed) : NULL;
	bool ok = list ? changes_by_row(changes, s, list, c->error)
		       : changes_by_feed(changes, s, entry, c->error);
	if (ok)
		apply_changes(c, s, changes);
	json_decref(entry);
	return ok;
}

/* ---- going ---- */

static void leave_room(struct subscriber *s)
{
	if (!s->room)
		return;
	g_ptr_array_remove_fast(s->room->subscribers, s);
	empty_touch(s->room);
	s->room = NULL;
}

bool subscriber_leave(struct cardea_call *c, struct subscriber *s)
{
	cardea_event(s->handle, c->transaction, event_with(s, "left"), NULL);
	s->left = true;
	owed_forget(s);
	g_ptr_array_set_size(s->streams, 0);
	leave_room(s);
	cardea_close(s->handle);
	return true;
}

void subscriber_hangup(struct subscriber *s)
{
	owed_forget(s);
	s->has_pc = s->update_due = s->restart_due = false;
	for (unsigned i = 0; i < s->streams->len; i++)
		((struct sub_stream *)s->streams->pdata[i])->ready = false;
}

void subscriber_free(struct subscriber *s)
{
	owed_forget(s);
	leave_room(s);
	g_ptr_array_free(s->streams, TRUE);
	ident_clear(&s->room_id);
	g_free(s);
}

void subscriber_layer(struct subscriber *s, unsigned mindex, const struct cardea_layer *now)
{
	if (mindex >= s->streams->len)
		return;
	struct sub_stream *st = s->streams->pdata[mindex];
	const struct stream *source = sub_stream_source(st);
	const struct {
		const char *name;
		bool applies;
		int before, now;
	} rows[] = {
		{ "substream", source && source->simulcast, st->now.substream, now->substream },
		{ "temporal", source && source->simulcast, st->now.temporal, now->temporal },
		{ "spatial_layer", source && source->svc, st->now.spatial, now->spatial },
		{ "temporal_layer", source && source->svc, st->now.svc_temporal,
			now->svc_temporal },
	};
	st->now = *now;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		if (rows[i].applies && rows[i].now >= 0 && rows[i].now != rows[i].before)
			tell_layer(s, mindex, rows[i].name, rows[i].now);
}

/* ---- what publishers do ---- */

/* What carried a feed, or those streams of it, is emptied. @param p NULL: whatever is carried.
 * @return the m-lines have changed */
static bool lose(struct subscriber *s, const struct publisher *p, const bool *gone)
{
	bool changed = false;
	for (unsigned i = 0; i < s->streams->len; i++) {
		struct sub_stream *st = s->streams->pdata[i];
		if (!gone)
			data_remove(st, p);
		if (!st->feed || (p && st->feed != p) || (gone && !gone[st->feed_mindex]))
			continue;
		sub_stream_empty(s, i);
		changed = true;
	}
	return changed;
}

static void owe_offer(struct subscriber *s)
{
	if (!s->autoupdate || s->kicked)
		return;
	s->offer_owed = true;
	owed_add(s);
}

void subscriber_give(struct subscriber *s)
{
	for (unsigned i = 0; i < s->streams->len; i++) {
		struct sub_stream *st = s->streams->pdata[i];
		if (st->route_owed)
			sub_stream_route(s, i);
		st->route_owed = false;
	}
	if (s->offer_owed)
		push_update(s);
	s->offer_owed = false;
}

void subscribers_drop_feed(struct room *r, const struct publisher *p, const bool *gone)
{
	for (unsigned n = 0; n < r->subscribers->len; n++) {
		struct subscriber *s = r->subscribers->pdata[n];
		if (lose(s, p, gone))
			owe_offer(s);
	}
	owed_begin();
}

void subscribers_orphan(struct room *r)
{
	for (unsigned n = 0; n < r->subscribers->len; n++) {
		struct subscriber *s = r->subscribers->pdata[n];
		if (lose(s, NULL, NULL))
			owe_offer(s);
		s->room = NULL;
	}
	owed_begin();
}

void subscribers_kick(struct room *r, uint32_t private_id)
{
	for (unsigned n = 0; n < r->subscribers->len; n++) {
		struct subscriber *s = r->subscribers->pdata[n];
		if (s->private_id != private_id)
			continue;
		s->kicked = true;
		for (unsigned i = 0; i < s->streams->len; i++)
			cardea_unroute((struct cardea_track){ s->handle, i });
	}
}

/* @return some m-line carries a stream that has new delays */
static bool mark_routes(struct subscriber *s, const struct publisher *p)
{
	bool any = false;
	for (unsigned i = 0; i < s->streams->len; i++) {
		struct sub_stream *st = s->streams->pdata[i];
		const struct stream *source = st->feed == p ? sub_stream_source(st) : NULL;
		if (source && source->delays_new)
			any = st->route_owed = true;
	}
	return any;
}

void subscribers_reroute(struct room *r, struct publisher *p)
{
	for (unsigned n = 0; n < r->subscribers->len; n++)
		if (mark_routes(r->subscribers->pdata[n], p))
			owed_add(r->subscribers->pdata[n]);
	for (unsigned i = 0; i < p->n_streams; i++)
		p->streams[i].delays_new = false;
	owed_begin();
}
