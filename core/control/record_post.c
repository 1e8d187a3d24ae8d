/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/loop.h"
#include "../recorder/disk.h"
#include "../rtc/rtc.h"
#include "record_post.h"

#define RETRY_US (50 * US_PER_MS)

enum to { TO_RECORDER, TO_FINISHER, TO_WORKER };
struct letter {
	enum to to;
	unsigned worker;
	size_t len;
	uint8_t bytes[] __attribute__((aligned(16)));
};

static void retry(void *arg);
static struct loop *loop;
static GQueue waiting = G_QUEUE_INIT; /* struct letter */
static struct wheel_timer again = { .fn = retry };

static enum err push(struct queue *q, const struct letter *l)
{
	return q ? queue_push(q, l->bytes, l->len) : ERR_NOT_FOUND;
}

/* @return ERR_FULL: later */
static enum err deliver(const struct letter *l)
{
	if (l->to == TO_WORKER)
		return rtc_post(l->worker, (const struct cmd *)(const void *)l->bytes);
	return push(l->to == TO_RECORDER ? disk_queue() : finish_queue(), l);
}

static void send_all(void)
{
	struct letter *l;
	while ((l = g_queue_peek_head(&waiting)) && deliver(l) != ERR_FULL)
		g_free(g_queue_pop_head(&waiting));
	if (l && !wheel_armed(&again))
		wheel_set(loop_wheel(loop), &again, loop_now(loop) + RETRY_US);
}

static void retry(void *arg)
{
	(void)arg;
	send_all();
}

static struct letter *write_letter(
	enum to to, const void *head, size_t len, const void *more, size_t n)
{
	struct letter *l = g_malloc(sizeof *l + len + n);
	l->to = to;
	l->len = len + n;
	memcpy(l->bytes, head, len);
	if (n)
		memcpy(l->bytes + len, more, n);
	return l;
}

static void post(struct letter *l)
{
	g_queue_push_tail(&waiting, l);
	send_all();
}

/* Of a file that is written again and again only the newest text is kept. */
static void drop_older(const char *path)
{
	for (GList *at = waiting.head; at; at = at->next) {
		const struct letter *l = at->data;
		const struct rec_cmd *c = (const void *)l->bytes;
		if (l->to != TO_RECORDER || c->type != REC_CMD_INDEX || strcmp(c->index.path, path))
			continue;
		g_free(at->data);
		g_queue_delete_link(&waiting, at);
		return;
	}
}

void record_post(const struct rec_cmd *c, const void *more)
{
	if (c->type == REC_CMD_INDEX)
		drop_older(c->index.path);
	post(write_letter(TO_RECORDER, c, rec_cmd_len(c->type), more, c->len));
}

bool record_post_data(struct queue_share *share, size_t max_bytes, const struct rec_cmd *c,
	const void *label, const void *bytes)
{
	const struct iovec parts[] = { { (void *)(uintptr_t)c, rec_cmd_len(c->type) },
		{ (void *)(uintptr_t)label, c->data.label_len },
		{ (void *)(uintptr_t)bytes, c->len - c->data.label_len } };
	return g_queue_is_empty(&waiting) && disk_queue() &&
	       !queue_push_parts(disk_queue(), share, max_bytes, parts, 3);
}

void record_post_worker(unsigned worker, const struct cmd *c)
{
	struct letter *l = write_letter(TO_WORKER, c, sizeof *c, NULL, 0);
	l->worker = worker;
	post(l);
}

void record_post_finisher(const struct finish_order *o)
{
	post(write_letter(TO_FINISHER, o, finish_order_len(o), NULL, 0));
}

void record_post_start(struct loop *on)
{
	loop = on;
}

void record_post_stop(void)
{
	struct letter *l;
	if (!loop)
		return;
	wheel_cancel(loop_wheel(loop), &again);
	while ((l = g_queue_pop_head(&waiting))) {
		if (l->to != TO_WORKER)
			deliver(l);
		g_free(l);
	}
}
