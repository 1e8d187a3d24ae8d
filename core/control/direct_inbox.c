/* SPDX-License-Identifier: Apache-2.0 */
#include <stdatomic.h>
#include <stdlib.h>
#include "../base/clock.h"
#include "../base/loop.h"
#include "../base/queue.h"
#include "direct_inbox.h"

/* messages and new connections of all; ends of connections have room beyond */
#define WAITING_MAX   16384
#define WAITING_BYTES (64u << 20)      /* of messages */
#define QUEUE_HEAD    32               /* bytes of a record beside its own, at most */
#define WORK_US       (10 * US_PER_MS) /* of a turn */

static struct loop *loop;
static struct queue *inbox;
static void (*serve)(const struct direct_record *r);
static _Atomic unsigned waiting;
static _Atomic size_t waiting_bytes;

void direct_record_free(const struct direct_record *r)
{
	if (r->kind == DIRECT_OPENED) {
		free(r->opened.secret);
		free(r->opened.token);
	} else if (r->kind == DIRECT_MESSAGE) {
		free(r->message.text);
		free(r->message.why);
		json_decref(r->message.tree);
	}
}

/* ---- the bound ---- */

static bool counts(const struct direct_record *r)
{
	return r->kind == DIRECT_MESSAGE || r->kind == DIRECT_OPENED;
}

static size_t bytes_of(const struct direct_record *r)
{
	return r->kind == DIRECT_MESSAGE ? r->message.len : 0;
}

/* It waits no longer. */
static void uncount(const struct direct_record *r)
{
	if (!counts(r))
		return;
	atomic_fetch_sub_explicit(&waiting, 1, memory_order_relaxed);
	atomic_fetch_sub_explicit(&waiting_bytes, bytes_of(r), memory_order_relaxed);
}

static bool has_room(const struct direct_record *r)
{
	if (!counts(r))
		return true;
	size_t len = bytes_of(r);
	unsigned n = atomic_fetch_add_explicit(&waiting, 1, memory_order_relaxed);
	size_t bytes = atomic_fetch_add_explicit(&waiting_bytes, len, memory_order_relaxed);
	return n < WAITING_MAX && bytes + len <= WAITING_BYTES;
}

bool direct_inbox_push(struct direct_record *r)
{
	if (has_room(r) && queue_push(inbox, r, sizeof *r) == OK)
		return true;
	uncount(r);
	direct_record_free(r);
	return false;
}

/* ---- control thread ---- */

static void take(void *arg, const void *rec, size_t len)
{
	const struct direct_record *r = rec;
	(void)arg;
	(void)len;
	uncount(r);
	serve(r);
	direct_record_free(r);
}

static void discard(void *arg, const void *rec, size_t len)
{
	(void)arg;
	(void)len;
	direct_record_free(rec);
}

enum err direct_inbox_start(
	struct loop *on, unsigned connections, void (*with)(const struct direct_record *r))
{
	/* An end must not get lost, or its session would stay for ever. Each connection has one, as
	 * DIRECT_ALIVE and DIRECT_SHUT. */
	size_t n = WAITING_MAX + 3 * ((size_t)connections + WAITING_MAX);
	loop = on;
	serve = with;
	inbox = queue_create("direct messages", n * (sizeof(struct direct_record) + QUEUE_HEAD));
	atomic_store(&waiting, 0);
	atomic_store(&waiting_bytes, 0);
	return inbox ? queue_attach_for(inbox, loop, take, NULL, WORK_US) : ERR_FULL;
}

void direct_inbox_stop(void)
{
	if (!inbox)
		return;
	loop_del(loop, queue_fd(inbox));
	queue_drain(inbox, discard, NULL);
	queue_destroy(inbox);
	inbox = NULL;
}
