/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "loop.h"
#include "queue.h"

/** @file
 * A thread that reads a queue and does nothing else: for work that blocks, such as files, fed by
 * threads that must not. */
struct queue_thread;

struct queue_reader {
	queue_fn *fn;              /**< for each record, on the thread */
	void (*at_end)(void *arg); /**< after each turn that had some. NULL: not wanted */
	void *arg;
};

/** @param name of the thread, 15 characters at most
 *  @param max_bytes as in queue_create() */
enum err queue_thread_start(struct queue_thread **out, const char *name, size_t max_bytes,
	const struct queue_reader *reader);
/** Read what still waits, and end the thread. Nobody pushes any more. NULL is fine. */
void queue_thread_stop(struct queue_thread *t);
/** The two steps of it, where some may still push in between: what they say is not read. */
void queue_thread_end(struct queue_thread *t);
void queue_thread_free(struct queue_thread *t); /**< NULL is fine. */
struct queue *queue_thread_queue(const struct queue_thread *t);
/** For timers, which are the thread's own: set while a record is read. */
struct loop *queue_thread_loop(const struct queue_thread *t);
