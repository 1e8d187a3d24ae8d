/* SPDX-License-Identifier: Apache-2.0 */
#include "owed.h"

#define LINES_AT_ONCE 512 /* m-lines described in one turn: a few milliseconds */
#define OFFER_LINES   4   /* what a subscriber costs besides them */
#define NEXT_MS       1

static GQueue waiting = G_QUEUE_INIT;
static uint64_t timer;

static void give(void *arg)
{
	unsigned lines = 0;
	(void)arg;
	while (lines < LINES_AT_ONCE && !g_queue_is_empty(&waiting)) {
		struct subscriber *s = g_queue_peek_head(&waiting);
		owed_forget(s);
		lines += s->streams->len + OFFER_LINES;
		subscriber_give(s);
	}
	if (g_queue_is_empty(&waiting))
		owed_stop();
}

void owed_add(struct subscriber *s)
{
	if (s->owed.data)
		return;
	s->owed.data = s;
	g_queue_push_tail_link(&waiting, &s->owed);
}

void owed_forget(struct subscriber *s)
{
	if (!s->owed.data)
		return;
	g_queue_unlink(&waiting, &s->owed);
	s->owed.data = NULL;
}

void owed_begin(void)
{
	if (timer)
		return;
	give(NULL);
	if (!g_queue_is_empty(&waiting))
		timer = cardea_timer(NEXT_MS, give, NULL);
	/* no timer is to be had: better late than never */
	while (!timer && !g_queue_is_empty(&waiting))
		give(NULL);
}

void owed_stop(void)
{
	if (timer)
		cardea_timer_stop(timer);
	timer = 0;
}
