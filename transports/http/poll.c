/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "answer.h"
#include "poll.h"
#include "table.h"

#define HOLD_MS 30000
/* bytes of events of one session: nobody has fetched them for long … */
#define MAX_QUEUED   (8u << 20)
#define MAX_TOGETHER (64u << 20) /* … and of all; beyond it each has room for a few */
#define FEW_QUEUED   (32u << 10)
#define MAX_POLLS    16 /* that wait for one session: the newest is what counts */

struct event {
	struct event *next;
	struct cardea_text *text;
};

struct session {
	struct item item;
	struct event *first, **end;
	size_t bytes;
	bool has_overflowed;
	struct poll *polls; /* that wait, the newest first */
	unsigned n_polls;
};

struct poll {
	struct item item;
	uint64_t session_id;
	unsigned maxev;
	bool waits; /* it is in its session's list */
	struct poll *next;
	/* what it was answered with, oldest first, until that has arrived */
	struct event *flight;
};

static struct table sessions, polls;
static size_t queued; /* bytes, of all sessions */

static void free_events(struct event *e)
{
	for (struct event *next; e; e = next) {
		next = e->next;
		cardea_text_drop(e->text);
		free(e);
	}
}

static void stop_waiting(struct poll *p)
{
	struct session *s = p->waits ? table_get(&sessions, p->session_id) : NULL;
	p->waits = false;
	if (!s)
		return;
	struct poll **at = &s->polls;
	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	s->n_polls--;
}

static struct cardea_text *join(const struct event *e, size_t len)
{
	char *all = malloc(len);
	size_t n = 0;

	if (!all)
		return NULL;
	for (; e; e = e->next) {
		all[n] = n ? ',' : '[';
		memcpy(all + n + 1, e->text->data, e->text->len);
		n += 1 + e->text->len;
	}
	all[n++] = ']';
	struct cardea_text *text = cardea_web_text(all, n);
	free(all);
	return text;
}

/** Bytes come to the queue of a session. */
static void count(struct session *s, size_t bytes)
{
	s->bytes += bytes;
	queued += bytes;
}

/** Answer with the oldest events. */
static void serve(struct session *s, struct poll *p)
{
	struct event **end = &p->flight;
	size_t len = 1;
	unsigned n = 0;

	stop_waiting(p);
	for (; s->first && n < p->maxev; n++) {
		*end = s->first;
		s->first = s->first->next;
		(*end)->next = NULL;
		s->bytes -= (*end)->text->len;
		queued -= (*end)->text->len;
		len += (*end)->text->len + 1;
		end = &(*end)->next;
	}
	if (!s->first)
		s->end = &s->first;
	answer_text(p->item.key,
		p->maxev > 1 ? join(p->flight, len) : cardea_text_ref(p->flight->text));
}

static void answer_keepalive(struct poll *p)
{
	static const char object[] = "{\"janus\":\"keepalive\"}",
			  array[] = "[{\"janus\":\"keepalive\"}]";

	stop_waiting(p);
	answer_text(p->item.key, p->maxev > 1 ? cardea_web_text(array, sizeof array - 1)
					      : cardea_web_text(object, sizeof object - 1));
}

/** Events wait and so do polls: the newest gets them, as a client whose network has changed may
 *  have left the others behind, and it ends those too. */
static void wake(struct session *s)
{
	if (!s->first || !s->polls)
		return;
	serve(s, s->polls);
	while (s->polls)
		answer_keepalive(s->polls);
}

static struct poll *oldest(const struct session *s)
{
	struct poll *p = s->polls;
	while (p->next)
		p = p->next;
	return p;
}

void poll_begin(uint64_t id, uint64_t session_id, unsigned maxev)
{
	struct poll *p = calloc(1, sizeof *p);
	if (!p)
		return; /* the host's own time-out ends it */
	p->item.key = id;
	p->session_id = session_id;
	p->maxev = maxev;
	if (!table_put(&polls, &p->item))
		free(p);
}

void poll_allowed(uint64_t id, uint64_t session_id, int status)
{
	struct poll *p = table_get(&polls, id);
	struct session *s = table_get(&sessions, session_id);

	if (!p)
		return;
	if (status == 200 && !s)
		status = 404; /* it has just moved away */
	if (status != 200) {
		answer_empty(id, status, NULL, NULL);
	} else if (cardea_web_hold(id, HOLD_MS)) {
		if (s->n_polls >= MAX_POLLS)
			answer_keepalive(oldest(s));
		p->next = s->polls;
		p->waits = true;
		s->polls = p;
		s->n_polls++;
		wake(s);
	}
}

bool poll_late(uint64_t id)
{
	struct poll *p = table_get(&polls, id);
	if (!p)
		return false;
	answer_keepalive(p);
	return true;
}

static void put_back(struct session *s, struct poll *p)
{
	struct event *last = p->flight;

	for (struct event *e = p->flight; e; e = e->next) {
		count(s, e->text->len);
		last = e;
	}
	if (!s->first)
		s->end = &last->next;
	last->next = s->first;
	s->first = p->flight;
	p->flight = NULL;
	wake(s);
}

void poll_ended(uint64_t id, bool delivered)
{
	struct poll *p = table_get(&polls, id);
	if (!p)
		return;
	struct session *s = table_get(&sessions, p->session_id);
	stop_waiting(p);
	table_remove(&polls, &p->item);
	if (s && p->flight && !delivered)
		put_back(s, p);
	free_events(p->flight);
	free(p);
}

static void free_session(struct item *i)
{
	struct session *s = (struct session *)i;
	for (struct poll *p = s->polls; p; p = p->next)
		p->waits = false; /* left to its time-out */
	queued -= s->bytes;
	free_events(s->first);
	free(s);
}

void poll_own(uint64_t session_id, bool owned)
{
	struct session *s = table_get(&sessions, session_id);

	if (s && !owned) {
		while (s->polls)
			answer_keepalive(s->polls);
		table_remove(&sessions, &s->item);
		free_session(&s->item);
	} else if (!s && owned && (s = calloc(1, sizeof *s))) {
		s->item.key = session_id;
		s->end = &s->first;
		if (!table_put(&sessions, &s->item))
			free(s);
	}
}

/** One event always has room. */
static bool has_room(const struct session *s, size_t len)
{
	size_t most = queued < MAX_TOGETHER ? MAX_QUEUED : FEW_QUEUED;
	return !s->first || s->bytes + len <= most;
}

/** Once for each session, and sixty times an hour at most. */
static void tell_lost(struct session *s)
{
	static time_t next;
	time_t now = time(NULL);

	if (!s->has_overflowed && now >= next) {
		next = now + 60;
		cardea_log(CARDEA_LOG_WARN, "http", s->item.key, "events are not fetched: lost",
			"bytes=%zu of_all_sessions=%zu", s->bytes, queued);
	}
	s->has_overflowed = true;
}

void poll_event(uint64_t session_id, struct cardea_text *text)
{
	struct session *s = table_get(&sessions, session_id);
	struct event *e = NULL;

	if (s && !has_room(s, text->len))
		tell_lost(s);
	else if (s)
		e = malloc(sizeof *e);
	if (!e) {
		cardea_text_drop(text);
		return;
	}
	*e = (struct event){ NULL, text };
	*s->end = e;
	s->end = &e->next;
	count(s, text->len);
	wake(s);
}

static void free_poll(struct item *i)
{
	free_events(((struct poll *)i)->flight);
	free(i);
}

void poll_stop(void)
{
	table_clear(&sessions, free_session); /* first: it tells its polls */
	table_clear(&polls, free_poll);
}
