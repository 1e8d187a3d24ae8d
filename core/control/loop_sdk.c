/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <glib.h>
#include <pthread.h>
#include <string.h>
#include <sys/prctl.h>
#include <cardea/loop.h>
#include "../base/log.h"
#include "../base/loop.h"
#include "../base/queue.h"
#include "../base/thread.h"
#include "../base/watchdog.h"
#include "loop_sdk.h"

#define STUCK_US   200000
#define POST_BYTES (16 << 20)

struct cardea_loop {
	char name[16];
	struct loop *loop;
	struct queue *posts;
	struct owner owner; /* its own thread, once it runs */
	pthread_t thread;
	void (*last)(void *arg);
	void *arg;
	bool runs;            /* control thread */
	pthread_mutex_t lock; /* who posts against the end: after it nothing comes in */
	bool closed;
};

struct cardea_loop_timer {
	struct cardea_loop *on;
	struct wheel_timer timer;
};

/* In front of each record; what follows it keeps its alignment. */
struct post {
	_Alignas(16) void (*fn)(const void *rec, size_t len);
};

static GPtrArray *loops; /* also those that have ended: posts to them are refused, not a fault */

static void run_post(void *arg, const void *rec, size_t len)
{
	const struct post *p = rec;
	(void)arg;
	p->fn(p + 1, len - sizeof *p);
}

static void *run(void *arg)
{
	struct cardea_loop *l = arg;
	prctl(PR_SET_NAME, l->name);
	l->owner = OWNER_HERE;
	watchdog_add(l->name, loop_pulse(l->loop), STUCK_US);
	loop_run(l->loop);
	pthread_mutex_lock(&l->lock);
	l->closed = true;
	pthread_mutex_unlock(&l->lock);
	queue_drain(l->posts, run_post, NULL);
	if (l->last)
		l->last(l->arg);
	watchdog_del(loop_pulse(l->loop));
	return NULL;
}

static void take_down(struct cardea_loop *l)
{
	queue_destroy(l->posts);
	loop_destroy(l->loop);
	l->posts = NULL;
	l->loop = NULL;
}

static void free_loop(void *loop)
{
	struct cardea_loop *l = loop;
	pthread_mutex_destroy(&l->lock);
	g_free(l);
}

struct cardea_loop *cardea_loop_start(const char *name)
{
	struct cardea_loop *l = g_new0(struct cardea_loop, 1);
	pthread_mutex_init(&l->lock, NULL);
	g_strlcpy(l->name, name, sizeof l->name);
	l->loop = loop_create(l->name);
	l->posts = queue_create(l->name, POST_BYTES);
	if (!l->loop || !l->posts || queue_attach(l->posts, l->loop, run_post, NULL) ||
		pthread_create(&l->thread, NULL, run, l)) {
		take_down(l);
		free_loop(l);
		return NULL;
	}
	l->runs = true;
	if (!loops)
		loops = g_ptr_array_new_with_free_func(free_loop);
	g_ptr_array_add(loops, l);
	return l;
}

void cardea_loop_stop(struct cardea_loop *l, void (*last)(void *arg), void *arg)
{
	if (!l || !l->runs)
		return;
	l->last = last;
	l->arg = arg;
	loop_stop(l->loop);
	pthread_join(l->thread, NULL);
	l->runs = false;
	take_down(l);
}

void loops_end(void)
{
	for (unsigned i = 0; loops && i < loops->len; i++) {
		struct cardea_loop *l = loops->pdata[i];
		if (!l->runs)
			continue;
		log_warn("core", 0, "a transport has left its loop running", "loop=%s", l->name);
		cardea_loop_stop(l, NULL, NULL);
	}
	g_clear_pointer(&loops, g_ptr_array_unref);
}

bool cardea_loop_post(
	struct cardea_loop *l, void (*fn)(const void *rec, size_t len), const void *rec, size_t len)
{
	const struct post head = { fn };
	const struct iovec parts[] = { { (void *)&head, sizeof head }, { (void *)rec, len } };
	bool is_taken;
	if (!l)
		return false;
	pthread_mutex_lock(&l->lock);
	is_taken = !l->closed && queue_push_parts(l->posts, NULL, 0, parts, 2) == OK;
	pthread_mutex_unlock(&l->lock);
	return is_taken;
}

/* ---- the loop's thread ---- */

bool cardea_loop_add(struct cardea_loop *l, int fd, uint32_t events,
	void (*fn)(void *arg, uint32_t events), void *arg)
{
	OWNED_BY(l->owner);
	return loop_add(l->loop, fd, events, fn, arg) == OK;
}

bool cardea_loop_mod(struct cardea_loop *l, int fd, uint32_t events)
{
	OWNED_BY(l->owner);
	return loop_mod(l->loop, fd, events) == OK;
}

void cardea_loop_del(struct cardea_loop *l, int fd)
{
	OWNED_BY(l->owner);
	loop_del(l->loop, fd);
}

int64_t cardea_loop_now_us(const struct cardea_loop *l)
{
	OWNED_BY(l->owner);
	return loop_now(l->loop);
}

struct cardea_loop_timer *cardea_loop_timer_create(
	struct cardea_loop *l, void (*fn)(void *arg), void *arg)
{
	OWNED_BY(l->owner);
	struct cardea_loop_timer *t = g_new0(struct cardea_loop_timer, 1);
	t->on = l;
	t->timer.fn = fn;
	t->timer.arg = arg;
	return t;
}

void cardea_loop_timer_destroy(struct cardea_loop_timer *t)
{
	if (!t)
		return;
	cardea_loop_timer_cancel(t);
	g_free(t);
}

void cardea_loop_timer_set(struct cardea_loop_timer *t, int64_t after_us)
{
	OWNED_BY(t->on->owner);
	wheel_set(loop_wheel(t->on->loop), &t->timer, loop_now(t->on->loop) + after_us);
}

void cardea_loop_timer_cancel(struct cardea_loop_timer *t)
{
	OWNED_BY(t->on->owner);
	wheel_cancel(loop_wheel(t->on->loop), &t->timer);
}
