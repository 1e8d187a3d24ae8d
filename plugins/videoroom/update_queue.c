/* SPDX-License-Identifier: Apache-2.0 */
#include "subscriber_offer.h"
#include "update_queue.h"

#define LINES_AT_ONCE 512 /* m-lines described in one turn: a few milliseconds */
#define OFFER_LINES   4   /* what a subscriber costs besides them */
#define NEXT_MS       1

static GQueue waiting = G_QUEUE_INIT;
static uint64_t timer;

void update_queue_stop(void)
{
	if (timer)
		cardea_timer_stop(timer);
	timer = 0;
}

void update_queue_add(struct subscriber *s)
{
	if (s->queue_link.data)
		return;
	s->queue_link.data = s;
	g_queue_push_tail_link(&waiting, &s->queue_link);
}

void update_queue_remove(struct subscriber *s)
{
	if (!s->queue_link.data)
		return;
	g_queue_unlink(&waiting, &s->queue_link);
	s->queue_link.data = NULL;
}

static void serve(void *arg)
{
	unsigned lines = 0;
	(void)arg;
	while (lines < LINES_AT_ONCE && !g_queue_is_empty(&waiting)) {
		struct subscriber *s = g_queue_peek_head(&waiting);
		update_queue_remove(s);
		lines += s->streams->len + OFFER_LINES;
		subscriber_refresh(s);
	}
	if (g_queue_is_empty(&waiting))
		update_queue_stop();
}

void update_queue_run(void)
{
	if (timer)
		return;
	serve(NULL);
	if (!g_queue_is_empty(&waiting))
		timer = cardea_timer(NEXT_MS, serve, NULL);
	/* no timer is to be had: better late than never */
	while (!timer && !g_queue_is_empty(&waiting))
		serve(NULL);
}
