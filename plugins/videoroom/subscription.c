/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "face.h"
#include "news.h"
#include "data.h"
#include "schema.h"
#include "subscription.h"

#define FEEDBACK (CARDEA_FB_NACK | CARDEA_FB_PLI | CARDEA_FB_FIR | CARDEA_FB_REMB)

static bool too_many(struct cardea_error *e)
{
	return cardea_fail(e, E_INVALID, "Invalid value (a subscription has %d streams at most)",
		CARDEA_MEDIA_MAX);
}

/* ---- what is wanted ---- */

bool wanted_add(
	GArray *out, struct room *r, const struct cardea_args *entry, struct cardea_error *e)
{
	static const char *const layers[] = { "substream", "temporal", "spatial_layer",
		"temporal_layer" };
	struct ident id = { 0 };
	const char *mid = cardea_str(entry, "mid");
	ident_set(&id, cardea_json(entry, "feed"));
	struct publisher *p = g_hash_table_lookup(r->publishers, id.text);
	int at = p && p->publishing && mid ? publisher_find_mid(p, mid) : -1;
	bool ok = true;
	if (!p || !p->publishing)
		ok = cardea_fail(e, E_NO_SUCH_FEED, "No such feed (%s)", id.text);
	else if (mid && at < 0)
		ok = cardea_fail(e, E_NO_SUCH_FEED, "No such mid '%s' in feed (%s)", mid, id.text);
	for (size_t i = 0; ok && i < G_N_ELEMENTS(layers); i++)
		if (cardea_int(entry, layers[i]) > 2)
			ok = cardea_fail(e, E_INVALID,
				"Invalid value (substream/spatial_layer should be 0, 1 or 2)");
	ident_clear(&id);
	for (unsigned i = 0; ok && i < p->n_streams; i++)
		if ((!mid || (int)i == at) && !p->streams[i].disabled) {
			struct wanted w = { p, i, *entry };
			ok = out->len < CARDEA_MEDIA_MAX || too_many(e);
			g_array_append_val(out, w);
		}
	return ok;
}

bool wanted_list(GArray *out, struct room *r, const json_t *list, struct cardea_error *e)
{
	const json_t *row;
	size_t i;
	json_array_foreach(list, i, row) {
		struct cardea_args entry = { row, stream_fields };
		if (!wanted_add(out, r, &entry, e))
			return false;
	}
	return true;
}

/* ---- m-lines ---- */

const struct stream *sub_stream_source(const struct sub_stream *st)
{
	return st->feed && st->feed_mindex < st->feed->n_streams
		       ? &st->feed->streams[st->feed_mindex]
		       : NULL;
}

void sub_stream_free(void *arg)
{
	struct sub_stream *st = arg;
	if (st->sources)
		g_ptr_array_free(st->sources, TRUE);
	g_free(st->crossrefid);
	g_free(st);
}

void sub_stream_apply(struct sub_stream *st, const struct cardea_args *args)
{
	const struct {
		const char *name;
		int *at;
	} numbers[] = {
		{ "substream", &st->substream },
		{ "temporal", &st->temporal },
		{ "spatial_layer", &st->spatial },
		{ "temporal_layer", &st->svc_temporal },
		{ "min_delay", &st->min_delay },
		{ "max_delay", &st->max_delay },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
		if (cardea_given(args, numbers[i].name))
			*numbers[i].at = (int)cardea_int(args, numbers[i].name);
	if (cardea_given(args, "fallback"))
		st->fallback_us = cardea_int(args, "fallback");
	if (cardea_given(args, "send"))
		st->send = cardea_bool(args, "send");
	if (st->min_delay < 0)
		st->max_delay = -1;
	else if (st->max_delay < st->min_delay)
		st->max_delay = st->min_delay;
}

static bool names_in(const struct cardea_args *args, const char *name)
{
	for (const struct cardea_field *f = args->fields; f->name; f++)
		if (!strcmp(f->name, name))
			return true;
	return false;
}

void sub_stream_attach(struct sub_stream *st, const struct wanted *w)
{
	const struct stream *source = &w->feed->streams[w->mindex];
	st->kind = source->kind;
	st->codec = source->codec;
	st->feed = w->feed;
	st->feed_mindex = w->mindex;
	st->send = true;
	st->substream = st->temporal = st->spatial = st->svc_temporal = 2;
	st->fallback_us = 250000;
	st->now = (struct cardea_layer){
		.substream = -1, .temporal = -1, .spatial = -1, .svc_temporal = -1
	};
	const struct {
		const char *name;
		int *at;
	} layers[] = {
		{ "substream", &st->substream },
		{ "temporal", &st->temporal },
		{ "spatial_layer", &st->spatial },
		{ "temporal_layer", &st->svc_temporal },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(layers); i++)
		if (names_in(&w->args, layers[i].name) && cardea_given(&w->args, layers[i].name))
			*layers[i].at = (int)cardea_int(&w->args, layers[i].name);
}

/* An emptied m-line of the same kind and codec is taken again before a new one is made.
 * @param taken those that are not to be had, by m-line; NULL: all are. @return -1: there is none */
static int vacant(const struct subscriber *s, const struct stream *source, const bool *taken)
{
	for (unsigned i = 0; i < s->streams->len; i++) {
		const struct sub_stream *st = s->streams->pdata[i];
		if (!st->feed && st->kind == source->kind && st->codec == source->codec &&
			!(taken && taken[i]))
			return (int)i;
	}
	return -1;
}

bool subscription_has_room(const struct subscriber *s, const GArray *wanted, struct cardea_error *e)
{
	bool taken[CARDEA_MEDIA_MAX] = { false }, data = false;
	unsigned fresh = 0;
	for (unsigned i = 0; i < wanted->len; i++) {
		const struct wanted *w = &g_array_index(wanted, struct wanted, i);
		const struct stream *source = &w->feed->streams[w->mindex];
		bool is_data = source->kind == CARDEA_DATA;
		int at = is_data && data ? 0 : vacant(s, source, taken);
		data |= is_data;
		if (at < 0)
			fresh++;
		else if (!is_data)
			taken[at] = true;
	}
	return s->streams->len + fresh <= CARDEA_MEDIA_MAX || too_many(e);
}

/* One data m-line is enough for all: another publisher changes no description. */
static bool add_data(struct subscriber *s, struct publisher *p)
{
	for (unsigned i = 0; i < s->streams->len; i++) {
		struct sub_stream *st = s->streams->pdata[i];
		if (st->kind == CARDEA_DATA) {
			data_add(st, p);
			return false;
		}
	}
	if (s->streams->len >= CARDEA_MEDIA_MAX)
		return false;
	struct sub_stream *st = g_new0(struct sub_stream, 1);
	st->kind = CARDEA_DATA;
	st->send = true;
	g_ptr_array_add(s->streams, st);
	return data_add(st, p);
}

bool subscription_add(struct subscriber *s, const struct wanted *w)
{
	if (w->feed->streams[w->mindex].kind == CARDEA_DATA)
		return add_data(s, w->feed);
	int at = vacant(s, &w->feed->streams[w->mindex], NULL);
	if (at < 0 && s->streams->len >= CARDEA_MEDIA_MAX)
		return false;
	struct sub_stream *st = at < 0 ? g_new0(struct sub_stream, 1) : s->streams->pdata[at];
	if (at < 0)
		g_ptr_array_add(s->streams, st);
	st->min_delay = st->max_delay = -1;
	st->ready = false;
	sub_stream_attach(st, w);
	sub_stream_apply(st, &w->args);
	g_free(st->crossrefid);
	st->crossrefid = g_strdup(cardea_str(&w->args, "crossrefid"));
	return true;
}

void sub_stream_empty(struct subscriber *s, unsigned mindex)
{
	struct sub_stream *st = s->streams->pdata[mindex];
	cardea_unroute((struct cardea_track){ s->handle, mindex });
	st->feed = NULL;
	st->ready = false;
}

/* ---- taking away ---- */

/* What an entry of an unsubscription names, read once for all m-lines. */
struct unwanted {
	int line; /* sub_mid; -1: none, or no m-line of ours */
	bool by_line;
	struct ident feed;
	const char *mid; /* of the feed; NULL: all of it */
};

static struct unwanted read_unwanted(const struct subscriber *s, const json_t *row)
{
	const struct cardea_args entry = { row, leave_fields };
	const char *sub_mid = cardea_str(&entry, "sub_mid");
	struct unwanted u = { .line = -1, .by_line = sub_mid, .mid = cardea_str(&entry, "mid") };
	for (unsigned i = 0; sub_mid && i < s->streams->len && u.line < 0; i++) {
		char own[12];
		g_snprintf(own, sizeof own, "%u", i);
		u.line = strcmp(sub_mid, own) == 0 ? (int)i : -1;
	}
	ident_set(&u.feed, cardea_json(&entry, "feed"));
	return u;
}

static bool is_meant(const struct sub_stream *st, const struct unwanted *u)
{
	const struct stream *source = sub_stream_source(st);
	return st->feed && u->feed.text && strcmp(u->feed.text, st->feed->id.text) == 0 &&
	       (!u->mid || (source && strcmp(u->mid, source->mid) == 0));
}

/* Of a data m-line one publisher goes. */
static void remove_data(struct sub_stream *st, const struct unwanted *u)
{
	for (unsigned i = st->sources && u->feed.text ? st->sources->len : 0; i-- > 0;) {
		const struct publisher *p = st->sources->pdata[i];
		if (strcmp(p->id.text, u->feed.text) == 0 &&
			(!u->mid || publisher_find_mid(p, u->mid) == data_of(p)))
			data_remove(st, p);
	}
}

/* The m-line itself is named: of one that carries data all publishers go. @return it has changed */
static bool remove_line(struct subscriber *s, unsigned mindex)
{
	struct sub_stream *st = s->streams->pdata[mindex];
	if (st->kind == CARDEA_DATA)
		data_remove(st, NULL);
	if (!st->feed)
		return false;
	sub_stream_empty(s, mindex);
	return true;
}

static bool remove_feed(struct subscriber *s, const struct unwanted *u)
{
	bool changed = false;
	for (unsigned i = 0; i < s->streams->len; i++) {
		struct sub_stream *st = s->streams->pdata[i];
		if (st->kind == CARDEA_DATA)
			remove_data(st, u);
		else if (is_meant(st, u))
			changed |= remove_line(s, i);
	}
	return changed;
}

bool subscription_remove(struct subscriber *s, const json_t *list)
{
	const json_t *row;
	size_t n;
	bool changed = false;
	json_array_foreach(list, n, row) {
		struct unwanted u = read_unwanted(s, row);
		if (u.by_line)
			changed |= u.line >= 0 && remove_line(s, (unsigned)u.line);
		else
			changed |= remove_feed(s, &u);
		ident_clear(&u.feed);
	}
	return changed;
}

/* ---- routes ---- */

void sub_stream_route(struct subscriber *s, unsigned mindex)
{
	const struct sub_stream *st = s->streams->pdata[mindex];
	const struct stream *source = sub_stream_source(st);
	struct cardea_track to = { s->handle, mindex };
	if (!source || !st->ready || s->kicked)
		return;
	/* The subscriber's own wish for the playout delay goes before the publisher's. */
	bool own = st->min_delay >= 0 || st->max_delay >= 0;
	cardea_route((struct cardea_track){ st->feed->handle, st->feed_mindex }, to,
		&(struct cardea_want){ .size = sizeof(struct cardea_want),
			.max_layer = (unsigned)st->substream + 1,
			.max_temporal = (unsigned)st->temporal + 1,
			.max_spatial = (unsigned)st->spatial + 1,
			.max_svc_temporal = (unsigned)st->svc_temporal + 1,
			.fallback_us = st->fallback_us,
			.paused = s->paused || !st->send,
			.min_delay = (own ? st->min_delay : source->min_delay) + 1,
			.max_delay = (own ? st->max_delay : source->max_delay) + 1 });
}

/* ---- as JSON and as an offer ---- */

static void set_layers(json_t *j, const struct sub_stream *st, const struct stream *source)
{
	if (source->simulcast)
		json_object_set_new(j, "simulcast",
			json_pack("{s:i, s:i, s:i, s:i, s:I}", "substream", st->now.substream,
				"substream-target", st->substream, "temporal-layer",
				st->now.temporal, "temporal-layer-target", st->temporal, "fallback",
				(json_int_t)st->fallback_us));
	if (source->svc)
		json_object_set_new(j, "svc",
			json_pack("{s:i, s:i, s:i, s:i}", "spatial-layer", st->now.spatial,
				"target-spatial-layer", st->spatial, "temporal-layer",
				st->now.svc_temporal, "target-temporal-layer", st->svc_temporal));
}

static void set_source(json_t *j, const struct sub_stream *st, const struct stream *source)
{
	const struct publisher *p = st->feed;
	json_object_set(j, "feed_id", p->id.json);
	if (p->display)
		json_object_set_new(j, "feed_display", json_string(p->display));
	if (p->metadata)
		json_object_set(j, "feed_metadata", p->metadata);
	json_object_set_new(j, "feed_mid", json_string(source->mid));
	if (source->description)
		json_object_set_new(j, "feed_description", json_string(source->description));
	if (source->codec)
		json_object_set_new(j, "codec", json_string(cardea_codec_name(source->codec)));
	if (*source->profile)
		json_object_set_new(j,
			source->codec == CARDEA_H264 ? "h264-profile" : "vp9-profile",
			json_string(source->profile));
	if (st->min_delay >= 0)
		json_object_set_new(j, "playout-delay",
			json_pack("{s:i, s:i}", "min-delay", st->min_delay, "max-delay",
				st->max_delay));
	set_layers(j, st, source);
}

static json_t *sub_stream_json(const struct sub_stream *st, unsigned mindex)
{
	const struct stream *source = sub_stream_source(st);
	char mid[12];
	g_snprintf(mid, sizeof mid, "%u", mindex);
	json_t *j = json_pack("{s:s, s:b, s:i, s:s}", "type", kind_name(st->kind), "active",
		source || st->kind == CARDEA_DATA, "mindex", (int)mindex, "mid", mid);
	if (st->crossrefid)
		json_object_set_new(j, "crossrefid", json_string(st->crossrefid));
	bool is_empty = !source && !(st->sources && st->sources->len);
	json_object_set_new(j, "ready", json_boolean(st->ready && !is_empty));
	json_object_set_new(j, "send", json_boolean(st->send));
	if (source)
		set_source(j, st, source);
	if (st->kind == CARDEA_DATA)
		data_describe(st, j);
	return j;
}

json_t *subscription_json(const struct subscriber *s)
{
	json_t *list = json_array();
	for (unsigned i = 0; i < s->streams->len; i++)
		json_array_append_new(list, sub_stream_json(s->streams->pdata[i], i));
	return list;
}

struct cardea_desc *subscription_offer(const struct subscriber *s)
{
	struct cardea_desc *offer = cardea_offer_new();
	g_snprintf(offer->name, sizeof offer->name, "VideoRoom %s", s->room_id.text);
	offer->e2ee = s->e2ee;
	for (unsigned i = 0; i < s->streams->len; i++) {
		const struct sub_stream *st = s->streams->pdata[i];
		const struct stream *source = sub_stream_source(st);
		uint32_t exts =
			source ? source->exts & ~(1u << CARDEA_EXT_RID | 1u << CARDEA_EXT_RRID) : 0;
		bool cc = exts & 1u << CARDEA_EXT_TWCC, named = s->use_msid && source;
		char mid[12];
		g_snprintf(mid, sizeof mid, "%u", i);
		cardea_offer_add(offer,
			&(struct cardea_offered){ .size = sizeof(struct cardea_offered),
				.kind = st->kind,
				.dir = source || st->kind == CARDEA_DATA ? CARDEA_SEND
									 : CARDEA_INACTIVE,
				.codec = st->codec,
				.fmtp = source && *source->fmtp ? source->fmtp : NULL,
				.exts = exts | 1u << CARDEA_EXT_MID,
				.feedback = (st->kind == CARDEA_VIDEO ? FEEDBACK : 0) |
					    (cc ? CARDEA_FB_TWCC : 0),
				.stream = named ? stream_name(st->feed, cardea_is_direct(s->handle))
						: NULL,
				.track = named ? mid : NULL,
				.red = source && source->red });
	}
	return offer;
}
