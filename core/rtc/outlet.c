/* SPDX-License-Identifier: Apache-2.0 */
/* From the secure thread to queues that their readers may leave full for a while. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE /* explicit_bzero */
#endif
#include "outlet.h"
#include <stdlib.h>
#include <string.h>
#include "../base/log.h"

#define RETRY_US 20000

struct late_record {
	struct late_record *next;
	size_t len;
	_Alignas(16) uint8_t rec[];
};

static void pop(struct outlet *o)
{
	struct late_record *w = o->first;
	o->first = w->next;
	if (!o->first)
		o->last = &o->first;
	explicit_bzero(w->rec, w->len); /* there may be keys */
	free(w);
}

static void push_late(void *arg)
{
	struct outlet *o = arg;
	while (o->first && !queue_push(o->queue, o->first->rec, o->first->len))
		pop(o);
	if (o->first)
		wheel_set(loop_wheel(o->loop), &o->timer, loop_now(o->loop) + RETRY_US);
}

void outlet_init(struct outlet *o, struct loop *loop, struct queue *queue)
{
	*o = (struct outlet){ .loop = loop, .queue = queue };
	o->last = &o->first;
	o->timer.fn = push_late;
	o->timer.arg = o;
}

bool outlet_try(struct outlet *o, const void *rec, size_t len)
{
	return !o->first && !queue_push(o->queue, rec, len);
}

void outlet_push(struct outlet *o, const void *rec, size_t len)
{
	struct late_record *w;
	if (outlet_try(o, rec, len))
		return;
	if (!(w = malloc(sizeof(*w) + len))) {
		log_error("rtc", 0, "record lost without memory", "bytes=%zu", len);
		return;
	}
	w->next = NULL;
	w->len = len;
	memcpy(w->rec, rec, len);
	*o->last = w;
	o->last = &w->next;
	if (!wheel_armed(&o->timer))
		wheel_set(loop_wheel(o->loop), &o->timer, loop_now(o->loop) + RETRY_US);
}

void outlet_clear(struct outlet *o, queue_fn *drop, void *arg)
{
	if (o->loop)
		wheel_cancel(loop_wheel(o->loop), &o->timer);
	while (o->first) {
		if (drop)
			drop(arg, o->first->rec, o->first->len);
		pop(o);
	}
}
