/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "delays.h"
#include "layers.h"
#include "schema.h"
#include "subscription.h"

/* ---- adding ---- */

void sub_stream_apply(struct sub_stream *st, const struct cardea_args *args)
{
	layers_set(st, args);
	delays_set(&st->min_delay, &st->max_delay, args);
	if (cardea_given(args, "fallback"))
		st->fallback_us = cardea_int(args, "fallback");
	if (cardea_given(args, "send"))
		st->send = cardea_bool(args, "send");
}

void sub_stream_attach(struct sub_stream *st, const struct wanted *w)
{
	const struct stream *source = &w->feed->streams[w->mindex];
	st->kind = source->kind;
	st->codec = source->codec;
	st->feed = w->feed;
	st->feed_mindex = w->mindex;
	st->send = true;
	st->fallback_us = 250000;
	layers_reset(st);
	layers_set(st, &w->args);
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

bool subscription_fits(const struct subscriber *s, const GArray *wanted, struct cardea_error *e)
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
	return s->streams->len + fresh <= CARDEA_MEDIA_MAX || wanted_too_many(e);
}

/* One data m-line is enough for all: another publisher changes no description. */
static bool add_data(struct subscriber *s, struct publisher *p)
{
	for (unsigned i = 0; i < s->streams->len; i++) {
		struct sub_stream *st = s->streams->pdata[i];
		if (st->kind == CARDEA_DATA) {
			sub_stream_add_data(st, p);
			return false;
		}
	}
	if (s->streams->len >= CARDEA_MEDIA_MAX)
		return false;
	struct sub_stream *st = g_new0(struct sub_stream, 1);
	st->kind = CARDEA_DATA;
	st->send = true;
	g_ptr_array_add(s->streams, st);
	return sub_stream_add_data(st, p);
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
			(!u->mid || publisher_find_mid(p, u->mid) == publisher_data_line(p)))
			sub_stream_remove_data(st, p);
	}
}

/* The m-line itself is named: of one that carries data all publishers go. @return it has changed */
static bool remove_line(struct subscriber *s, unsigned mindex)
{
	struct sub_stream *st = s->streams->pdata[mindex];
	if (st->kind == CARDEA_DATA)
		sub_stream_remove_data(st, NULL);
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

void subscription_route(struct subscriber *s)
{
	for (unsigned i = 0; i < s->streams->len; i++)
		sub_stream_route(s, i);
}
