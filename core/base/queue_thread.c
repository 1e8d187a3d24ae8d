/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include "queue_thread.h"

struct queue_thread {
	char name[16];
	struct queue_reader reader;
	struct queue *queue;
	struct loop *loop;
	pthread_t thread;
};

static void *run(void *arg)
{
	struct queue_thread *t = arg;
	prctl(PR_SET_NAME, t->name);
	loop_run(t->loop);
	if (queue_drain(t->queue, t->reader.fn, t->reader.arg) && t->reader.at_end)
		t->reader.at_end(t->reader.arg);
	return NULL;
}

static void discard(struct queue_thread *t)
{
	queue_destroy(t->queue);
	loop_destroy(t->loop);
	free(t);
}

enum err queue_thread_start(struct queue_thread **out, const char *name, size_t max_bytes,
	const struct queue_reader *reader)
{
	struct queue_thread *t = calloc(1, sizeof *t);
	if (!t)
		return ERR_FULL;
	strncpy(t->name, name, sizeof t->name - 1);
	t->reader = *reader;
	t->loop = loop_create(t->name);
	t->queue = queue_create(t->name, max_bytes);
	if (!t->loop || !t->queue || queue_attach(t->queue, t->loop, reader->fn, reader->arg)) {
		discard(t);
		return ERR_FULL;
	}
	if (reader->at_end)
		loop_at_end(t->loop, reader->at_end, reader->arg);
	if (pthread_create(&t->thread, NULL, run, t)) {
		discard(t);
		return ERR_IO;
	}
	*out = t;
	return OK;
}

void queue_thread_end(struct queue_thread *t)
{
	loop_stop(t->loop);
	pthread_join(t->thread, NULL);
}

void queue_thread_free(struct queue_thread *t)
{
	if (t)
		discard(t);
}

void queue_thread_stop(struct queue_thread *t)
{
	if (!t)
		return;
	queue_thread_end(t);
	discard(t);
}

struct queue *queue_thread_queue(const struct queue_thread *t)
{
	return t->queue;
}

struct loop *queue_thread_loop(const struct queue_thread *t)
{
	return t->loop;
}
