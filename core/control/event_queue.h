/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/eventhandler.h>
#include <cardea/transport.h>

/** @file
 * What waits for one event handler, and the thread that brings it there. The control thread puts
 * texts in and never waits; the thread takes them out in order and may be held up as long as the
 * handler likes. */
struct event_queue;

struct event_queue_conf {
	const char *name; /**< of the handler; borrowed */
	void (*deliver)(const struct cardea_told *events, unsigned n);
	unsigned max_events;
	size_t max_bytes;
};
/** Make it, with its thread. @return NULL: no thread to be had */
struct event_queue *event_queue_create(const struct event_queue_conf *conf);
/** Control thread. @param text takes a reference of its own
 *  @return false: too much waits, and it is dropped and counted */
bool event_queue_push(struct event_queue *q, enum cardea_event_type type, struct cardea_text *text);
/** Deliver what waits, then end the thread and free the queue. Control thread.
 *  @return false: the handler has not come back within @p limit_us. Its thread is left alone, and
 *  so must its code be; nothing more is delivered */
bool event_queue_end(struct event_queue *q, int64_t limit_us);
/** Dropped by this one. Control thread. */
uint64_t event_queue_dropped(const struct event_queue *q);
void event_queue_metrics(void); /**< Show them at /metrics, once. */
