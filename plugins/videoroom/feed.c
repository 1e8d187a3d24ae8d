/* SPDX-License-Identifier: Apache-2.0 */
#include "feed.h"
#include "subscription.h"
#include "update_queue.h"

/* What carried a feed, or those streams of it, is emptied. @param p NULL: whatever is carried.
 * @return the m-lines have changed */
static bool empty_feed(struct subscriber *s, const struct publisher *p, const bool *gone)
{
	bool changed = false;
	for (unsigned i = 0; i < s->streams->len; i++) {
		struct sub_stream *st = s->streams->pdata[i];
		if (!gone)
			sub_stream_remove_data(st, p);
		if (!st->feed || (p && st->feed != p) || (gone && !gone[st->feed_mindex]))
			continue;
		sub_stream_empty(s, i);
		changed = true;
	}
	return changed;
}

static void queue_offer(struct subscriber *s)
{
	if (!s->autoupdate || s->kicked)
		return;
	s->offer_due = true;
	update_queue_add(s);
}

void feed_drop(struct room *r, const struct publisher *p, const bool *gone)
{
	for (unsigned n = 0; n < r->subscribers->len; n++) {
		struct subscriber *s = r->subscribers->pdata[n];
		if (empty_feed(s, p, gone))
			queue_offer(s);
	}
	update_queue_run();
}

void feeds_drop_all(struct room *r)
{
	for (unsigned n = 0; n < r->subscribers->len; n++) {
		struct subscriber *s = r->subscribers->pdata[n];
		if (empty_feed(s, NULL, NULL))
			queue_offer(s);
		s->room = NULL;
	}
	update_queue_run();
}

/* @return some m-line carries a stream that has new delays */
static bool mark_routes(struct subscriber *s, const struct publisher *p)
{
	bool any = false;
	for (unsigned i = 0; i < s->streams->len; i++) {
		struct sub_stream *st = s->streams->pdata[i];
		const struct stream *source = st->feed == p ? sub_stream_source(st) : NULL;
		if (source && source->delays_changed)
			any = st->route_due = true;
	}
	return any;
}

void feed_reroute(struct room *r, struct publisher *p)
{
	for (unsigned n = 0; n < r->subscribers->len; n++)
		if (mark_routes(r->subscribers->pdata[n], p))
			update_queue_add(r->subscribers->pdata[n]);
	for (unsigned i = 0; i < p->n_streams; i++)
		p->streams[i].delays_changed = false;
	update_queue_run();
}

void feed_kick_subscribers(struct room *r, uint32_t private_id)
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
