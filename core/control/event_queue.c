/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <pthread.h>
#include <time.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "../base/metric.h"
#include "event_queue.h"

#define BATCH  100 /* events that a handler gets at once */
#define LOG_US (1 * US_PER_S)

static struct metric n_told = { .name = "cardea_events_told_total",
	.help = "Events queued for event handlers, counted for each of them." };
static struct metric n_dropped = { .name = "cardea_events_dropped_total",
	.help = "Events that were not told, because too many waited for a handler." };
static struct metric n_waiting = { .name = "cardea_events_waiting",
	.help = "Events that wait for handlers now." };

struct item {
	enum cardea_event_type type;
	struct cardea_text *text;
};

/* The lock is held for a few instructions only, never while a handler runs. */
struct event_queue {
	struct event_queue_conf conf;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more;
	GArray *items; /* struct item, those before `head` are delivered */
	unsigned head;
	size_t bytes;    /* of all that is not delivered yet */
	bool ends;       /* no more is coming */
	bool left_alone; /* … and nobody waits for the thread */
	/* of the control thread */
	uint64_t dropped, told_dropped;
	int64_t logged_us;
};

void event_queue_metrics(void)
{
	static bool registered;
	if (!registered) {
		metric_register(&n_told);
		metric_register(&n_dropped);
		metric_register(&n_waiting);
	}
	registered = true;
}

/* ---- the handler's thread ---- */

/* Up to BATCH of what waits; they count as waiting until they are delivered. @return how many */
static unsigned take(struct event_queue *q, struct item batch[BATCH])
{
	pthread_mutex_lock(&q->lock);
	while (q->head == q->items->len && !q->ends)
		pthread_cond_wait(&q->more, &q->lock);
	unsigned n = q->left_alone ? 0 : MIN(q->items->len - q->head, BATCH);
	for (unsigned i = 0; i < n; i++)
		batch[i] = g_array_index(q->items, struct item, q->head + i);
	pthread_mutex_unlock(&q->lock);
	return n;
}

static void drop_delivered(struct event_queue *q, const struct item *batch, unsigned n)
{
	pthread_mutex_lock(&q->lock);
	q->head += n;
	for (unsigned i = 0; i < n; i++)
		q->bytes -= batch[i].text->len;
	/* moved down only when half of it is free: each item is moved once or so */
	if (q->head >= BATCH && q->head * 2 >= q->items->len) {
		g_array_remove_range(q->items, 0, q->head);
		q->head = 0;
	}
	pthread_mutex_unlock(&q->lock);
	for (unsigned i = 0; i < n; i++)
		cardea_text_drop(batch[i].text);
	metric_add(&n_waiting, -(uint64_t)n);
}

static void *run(void *arg)
{
	struct event_queue *q = arg;
	struct item batch[BATCH];
	struct cardea_told told[BATCH];
	unsigned n;
	while ((n = take(q, batch))) {
		for (unsigned i = 0; i < n; i++)
			told[i] = (struct cardea_told){ batch[i].type, batch[i].text->data,
				batch[i].text->len };
		q->conf.deliver(told, n);
		drop_delivered(q, batch, n);
	}
	return NULL;
}

/* ---- the control thread ---- */

struct event_queue *event_queue_create(const struct event_queue_conf *conf)
{
	struct event_queue *q = g_new0(struct event_queue, 1);
	q->conf = *conf;
	q->items = g_array_new(FALSE, FALSE, sizeof(struct item));
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->more, NULL);
	if (pthread_create(&q->thread, NULL, run, q)) {
		g_array_free(q->items, TRUE);
		g_free(q);
		return NULL;
	}
	pthread_setname_np(q->thread, "events");
	return q;
}

static void count_dropped(struct event_queue *q)
{
	int64_t now_us = clock_now_us();
	metric_add(&n_dropped, 1);
	q->dropped++;
	if (q->logged_us && now_us - q->logged_us < LOG_US)
		return;
	q->logged_us = now_us;
	log_warn("events", 0, "dropped: too many wait for a handler", "handler=%s dropped=%llu",
		q->conf.name, (unsigned long long)(q->dropped - q->told_dropped));
	q->told_dropped = q->dropped;
}

bool event_queue_push(struct event_queue *q, enum cardea_event_type type, struct cardea_text *text)
{
	const struct item item = { type, text };
	pthread_mutex_lock(&q->lock);
	bool is_room = q->items->len - q->head < q->conf.max_events &&
		       q->bytes + text->len <= q->conf.max_bytes;
	if (is_room) {
		cardea_text_ref(text);
		g_array_append_val(q->items, item);
		q->bytes += text->len;
		pthread_cond_signal(&q->more);
	}
	pthread_mutex_unlock(&q->lock);
	metric_add(&n_told, is_room);
	metric_add(&n_waiting, is_room);
	if (!is_room)
		count_dropped(q);
	return is_room;
}

static bool joined(pthread_t thread, int64_t limit_us)
{
	int64_t until_us = clock_wall_us() + limit_us;
	const struct timespec until = { .tv_sec = until_us / US_PER_S,
		.tv_nsec = until_us % US_PER_S * 1000 };
	return pthread_timedjoin_np(thread, NULL, &until) == 0;
}

bool event_queue_end(struct event_queue *q, int64_t limit_us)
{
	pthread_mutex_lock(&q->lock);
	q->ends = true;
	pthread_cond_signal(&q->more);
	pthread_mutex_unlock(&q->lock);
	if (!joined(q->thread, limit_us)) {
		pthread_mutex_lock(&q->lock);
		q->left_alone = true;
		log_error("events", 0, "a handler does not come back: the rest is lost",
			"handler=%s events=%u", q->conf.name, q->items->len - q->head);
		pthread_mutex_unlock(&q->lock);
		pthread_detach(q->thread);
		return false;
	}
	g_array_free(q->items, TRUE);
	pthread_cond_destroy(&q->more);
	pthread_mutex_destroy(&q->lock);
	g_free(q);
	return true;
}

uint64_t event_queue_dropped(const struct event_queue *q)
{
	return q->dropped;
}
