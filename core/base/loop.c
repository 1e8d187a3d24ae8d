/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* epoll_pwait2 */
#endif
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "clock.h"
#include "loop.h"

#define BATCH 256 /* events of one turn */

/* One per descriptor number. The generation tells events of an earlier user of the number, fetched
 * in the same batch, from those of the present one. */
struct watched_fd {
	loop_fn *fn; /* NULL: not watched */
	void *arg;
	uint32_t gen;
};
struct end_hook {
	void (*fn)(void *arg);
	void *arg;
};

struct loop {
	const char *name;
	int epoll_fd, stop_fd;
	struct wheel *wheel;
	struct watched_fd *entries;
	unsigned n_entries;
	struct end_hook *hooks;
	unsigned n_hooks;
	int64_t now_us;
	_Atomic bool stopping;
	struct pulse pulse;
	struct epoll_event events[BATCH];
};

static void drain_counter(int fd)
{
	uint64_t n;
	while (read(fd, &n, sizeof n) < 0 && errno == EINTR)
		;
}

static void on_stop(void *arg, uint32_t events)
{
	struct loop *l = arg;
	(void)events;
	drain_counter(l->stop_fd);
}

struct loop *loop_create(const char *name)
{
	struct loop *l = calloc(1, sizeof *l);
	if (!l)
		return NULL;
	l->name = name;
	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	l->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	l->now_us = clock_now_us();
	l->wheel = wheel_create(l->now_us);
	if (l->epoll_fd < 0 || l->stop_fd < 0 || !l->wheel ||
		loop_add(l, l->stop_fd, EPOLLIN, on_stop, l)) {
		loop_destroy(l); /* copes with a half-built loop */
		return NULL;
	}
	return l;
}

static void close_if_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

void loop_destroy(struct loop *l)
{
	if (!l)
		return;
	close_if_open(l->stop_fd);
	close_if_open(l->epoll_fd);
	wheel_destroy(l->wheel);
	free(l->entries);
	free(l->hooks);
	free(l);
}

static enum err make_room(struct loop *l, unsigned fd)
{
	unsigned n = l->n_entries ? l->n_entries : 64;
	struct watched_fd *e;
	if (fd < l->n_entries)
		return OK;
	while (n <= fd)
		n *= 2;
	if (!(e = realloc(l->entries, n * sizeof *e)))
		return ERR_FULL;
	for (unsigned i = l->n_entries; i < n; i++)
		e[i] = (struct watched_fd){ 0 };
	l->entries = e;
	l->n_entries = n;
	return OK;
}

static uint64_t event_key(uint32_t gen, int fd)
{
	return (uint64_t)gen << 32 | (uint32_t)fd;
}

static struct watched_fd *entry_of(struct loop *l, int fd)
{
	return fd >= 0 && (unsigned)fd < l->n_entries && l->entries[fd].fn ? &l->entries[fd] : NULL;
}

enum err loop_add(struct loop *l, int fd, uint32_t events, loop_fn *fn, void *arg)
{
	struct epoll_event ev = { .events = events };
	uint32_t gen;
	enum err e;
	assert(fn);
	if (fd < 0)
		return ERR_INVALID;
	if ((e = make_room(l, (unsigned)fd)))
		return e;
	gen = l->entries[fd].gen + 1;
	ev.data.u64 = event_key(gen, fd);
	if (epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, fd, &ev))
		return errno == EEXIST ? ERR_EXISTS : ERR_IO;
	l->entries[fd] = (struct watched_fd){ fn, arg, gen };
	return OK;
}

enum err loop_mod(struct loop *l, int fd, uint32_t events)
{
	struct epoll_event ev = { .events = events };
	const struct watched_fd *e = entry_of(l, fd);
	if (!e)
		return ERR_NOT_FOUND;
	ev.data.u64 = event_key(e->gen, fd);
	return epoll_ctl(l->epoll_fd, EPOLL_CTL_MOD, fd, &ev) ? ERR_IO : OK;
}

void loop_del(struct loop *l, int fd)
{
	struct watched_fd *e = entry_of(l, fd);
	if (!e)
		return;
	epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	e->fn = NULL;
	e->gen++;
}

void loop_at_end(struct loop *l, void (*fn)(void *arg), void *arg)
{
	struct end_hook *h = realloc(l->hooks, (l->n_hooks + 1) * sizeof *h);
	if (!h)
		abort(); /* only at start, where nothing can go on without its hook */
	h[l->n_hooks++] = (struct end_hook){ fn, arg };
	l->hooks = h;
}

struct wheel *loop_wheel(struct loop *l)
{
	return l->wheel;
}

int64_t loop_now(const struct loop *l)
{
	return l->now_us;
}

static int64_t time_left(const struct loop *l)
{
	int64_t at_us = wheel_next(l->wheel), left_us = at_us - clock_now_us();
	if (at_us == INT64_MAX)
		return INT64_MAX;
	return left_us < 0 ? 0 : left_us;
}

/* Before Linux 5.11, and under a seccomp filter of that age: whole milliseconds, rounded up. */
static int wait_ms(struct loop *l, int64_t left_us)
{
	int64_t ms = left_us / US_PER_MS + (left_us % US_PER_MS != 0);
	if (left_us == INT64_MAX)
		ms = -1;
	else if (ms > INT_MAX)
		ms = INT_MAX;
	return epoll_wait(l->epoll_fd, l->events, BATCH, (int)ms);
}

/* The time-out is the timer: a timerfd would cost three more system calls and, when something else
 * comes first, a turn for nothing. */
static int wait_for_events(struct loop *l, int64_t left_us)
{
	const struct timespec left = { left_us / US_PER_S, left_us % US_PER_S * 1000 };
	int n = epoll_pwait2(
		l->epoll_fd, l->events, BATCH, left_us == INT64_MAX ? NULL : &left, NULL);
	if (n < 0 && (errno == ENOSYS || errno == EPERM))
		n = wait_ms(l, left_us);
	return n < 0 ? 0 : n; /* a signal: an empty turn */
}

static void dispatch(struct loop *l, int n)
{
	for (int i = 0; i < n; i++) {
		uint64_t key = l->events[i].data.u64;
		struct watched_fd *e = entry_of(l, (int)(uint32_t)key);
		if (e && e->gen == key >> 32)
			e->fn(e->arg, l->events[i].events);
	}
}

static void turn(struct loop *l, int n_events, int64_t now_us)
{
	l->now_us = now_us;
	dispatch(l, n_events);
	wheel_run(l->wheel, now_us);
	for (unsigned i = 0; i < l->n_hooks; i++)
		l->hooks[i].fn(l->hooks[i].arg);
	pulse_count(&l->pulse);
}

void loop_run(struct loop *l)
{
	/* The flag is taken down on the way out, so that a stop that comes before the run counts
	 * too. */
	while (!atomic_load(&l->stopping)) {
		int n = wait_for_events(l, time_left(l));
		int64_t now_us = clock_now_us();
		pulse_begin(&l->pulse, now_us);
		turn(l, n, now_us);
		pulse_end(&l->pulse, clock_now_us() - now_us);
	}
	atomic_store(&l->stopping, false);
}

void loop_turn(struct loop *l, int64_t now_us)
{
	int n = wait_for_events(l, 0);
	pulse_begin(&l->pulse, clock_now_us());
	turn(l, n, now_us);
	pulse_end(&l->pulse, 0);
}

void loop_stop(struct loop *l)
{
	uint64_t one = 1;
	atomic_store(&l->stopping, true);
	while (write(l->stop_fd, &one, sizeof one) < 0 && errno == EINTR)
		;
}

struct pulse *loop_pulse(struct loop *l)
{
	return &l->pulse;
}
