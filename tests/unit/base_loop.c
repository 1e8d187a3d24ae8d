/* SPDX-License-Identifier: Apache-2.0 */
/* The event loop (core/base/loop.c): one turn after the other, with descriptors of the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../core/base/clock.h"
#include "../../core/base/loop.h"

/* A descriptor that is readable from the start, and what its callback does. */
struct source {
	struct loop *l;
	int fd, calls;
	struct source *drops;  /* taken out of the loop by the callback */
	struct source *adopts; /* then put in with the number of what was dropped */
	bool stops;
};

static void on_event(void *arg, uint32_t events)
{
	struct source *s = arg;
	assert_true(events & EPOLLIN);
	s->calls++;
	if (s->drops && s->drops->fd >= 0) {
		int fd = s->drops->fd;
		loop_del(s->l, fd);
		close(fd);
		s->drops->fd = -1;
		if (s->adopts) {
			s->adopts->fd = eventfd(0, EFD_NONBLOCK);
			/* the system reuses the lowest number */
			assert_int_equal(s->adopts->fd, fd);
			assert_int_equal(loop_add(s->l, fd, EPOLLIN, on_event, s->adopts), OK);
		}
	}
	if (s->stops)
		loop_stop(s->l);
}

static void open_source(struct source *s, struct loop *l)
{
	memset(s, 0, sizeof *s);
	s->l = l;
	s->fd = eventfd(1, EFD_NONBLOCK);
	assert_int_equal(loop_add(l, s->fd, EPOLLIN, on_event, s), OK);
}

static void close_source(struct source *s)
{
	if (s->fd < 0)
		return;
	loop_del(s->l, s->fd);
	close(s->fd);
}

static void calls_for_what_is_ready_in_each_turn(void **state)
{
	struct loop *l = loop_create("test");
	struct source s;
	(void)state;
	open_source(&s, l);
	loop_turn(l, 1000);
	loop_turn(l, 2000);
	assert_int_equal(s.calls, 2);
	assert_int_equal(loop_now(l), 2000);
	assert_int_equal(loop_mod(l, s.fd, 0), OK);
	loop_turn(l, 3000);
	assert_int_equal(s.calls, 2);
	assert_int_equal(loop_mod(l, s.fd, EPOLLIN), OK);
	loop_turn(l, 4000);
	assert_int_equal(s.calls, 3);
	close_source(&s);
	loop_turn(l, 5000);
	assert_int_equal(s.calls, 3);
	assert_int_equal(pulse_turns(loop_pulse(l), NULL), 5);
	loop_destroy(l);
}

static void refuses_a_second_watch_and_unknown_descriptors(void **state)
{
	struct loop *l = loop_create("test");
	struct source s;
	(void)state;
	open_source(&s, l);
	assert_int_equal(loop_add(l, s.fd, EPOLLIN, on_event, &s), ERR_EXISTS);
	loop_turn(l, 1); /* and the first is still there */
	assert_int_equal(s.calls, 1);
	assert_int_equal(loop_add(l, -1, EPOLLIN, on_event, &s), ERR_INVALID);
	assert_int_equal(loop_add(l, 1000, EPOLLIN, on_event, &s), ERR_IO);
	assert_int_equal(loop_mod(l, 1000, EPOLLIN), ERR_NOT_FOUND);
	loop_del(l, 1000);
	loop_del(l, -1);
	loop_del(l, 100000);
	close_source(&s);
	loop_destroy(l);
}

static void drops_events_already_fetched_for_a_deleted_one(void **state)
{
	struct loop *l = loop_create("test");
	struct source a, b;
	(void)state;
	open_source(&a, l);
	open_source(&b, l);
	a.drops = &b;
	b.drops = &a;
	loop_turn(l, 1); /* whichever comes first takes the other out */
	assert_int_equal(a.calls + b.calls, 1);
	close_source(&a);
	close_source(&b);
	loop_destroy(l);
}

static void tells_a_reused_number_from_its_former_user(void **state)
{
	struct loop *l = loop_create("test");
	struct source a, b, fresh = { .l = l, .fd = -1 };
	(void)state;
	open_source(&a, l);
	open_source(&b, l);
	a.drops = &b;
	b.drops = &a;
	a.adopts = b.adopts = &fresh;
	loop_turn(l, 1); /* the fetched event of the dropped one must not reach the new one */
	assert_int_equal(fresh.calls, 0);
	assert_int_equal(a.calls + b.calls, 1);
	a.drops = b.drops = NULL;
	assert_int_equal(eventfd_write(fresh.fd, 1), 0);
	loop_turn(l, 2);
	assert_int_equal(fresh.calls, 1);
	close_source(&a);
	close_source(&b);
	close_source(&fresh);
	loop_destroy(l);
}

static char story[16];

static void tell(void *arg)
{
	strcat(story, arg);
}

static void tell_event(void *arg, uint32_t events)
{
	(void)events;
	strcat(story, arg);
}

static void turns_descriptors_then_timers_then_hooks(void **state)
{
	struct loop *l = loop_create("test");
	struct wheel_timer t = { .fn = tell, .arg = "t" };
	int fd = eventfd(1, EFD_NONBLOCK);
	(void)state;
	*story = 0;
	loop_at_end(l, tell, "1");
	loop_at_end(l, tell, "2");
	loop_add(l, fd, EPOLLIN, tell_event, "e");
	wheel_set(loop_wheel(l), &t, 500);
	loop_turn(l, 499);
	loop_turn(l, 500);
	assert_string_equal(story, "e12et12");
	loop_del(l, fd);
	close(fd);
	loop_destroy(l);
}

struct ticker {
	struct loop *l;
	struct wheel_timer t;
	int64_t due_us;
	int left;
};

static void on_tick(void *arg)
{
	struct ticker *k = arg;
	assert_true(clock_now_us() >= k->due_us); /* never early */
	if (!--k->left) {
		loop_stop(k->l);
		return;
	}
	k->due_us = loop_now(k->l) + 300;
	wheel_set(loop_wheel(k->l), &k->t, k->due_us);
}

static void sleeps_until_timers_are_due(void **state)
{
	struct loop *l = loop_create("test");
	struct ticker k = { .l = l, .left = 100, .t = { .fn = on_tick, .arg = &k } };
	struct wheel_timer far = { .fn = on_tick };
	(void)state;
	/* must not keep nearer ones waiting */
	wheel_set(loop_wheel(l), &far, loop_now(l) + 3600 * US_PER_S);
	k.due_us = loop_now(l) + 1000;
	wheel_set(loop_wheel(l), &k.t, k.due_us);
	loop_run(l);
	assert_int_equal(k.left, 0);
	assert_true(pulse_turns(loop_pulse(l), NULL) < 100 * 6); /* slept, did not spin */
	loop_destroy(l);
}

static void too_late(void *arg)
{
	(void)arg;
	fail_msg("the loop slept over the nearer timer");
}

static struct wheel_timer between = { .fn = too_late };

static void set_nearer(void *arg, uint32_t events)
{
	struct ticker *k = arg;
	(void)events;
	wheel_set(loop_wheel(k->l), &between, loop_now(k->l) + 10 * US_PER_S);
	k->due_us = loop_now(k->l) + 500;
	wheel_set(loop_wheel(k->l), &k->t, k->due_us);
}

static void wakes_for_a_timer_set_nearer_than_the_one_it_waits_for(void **state)
{
	struct loop *l = loop_create("test");
	struct ticker k = { .l = l, .left = 1, .t = { .fn = on_tick, .arg = &k } };
	struct wheel_timer far = { .fn = too_late };
	int fd = eventfd(1, EFD_NONBLOCK);
	(void)state;
	wheel_set(loop_wheel(l), &far, loop_now(l) + 60 * US_PER_S);
	/* called once, when the loop has begun to wait */
	loop_add(l, fd, EPOLLIN | EPOLLET, set_nearer, &k);
	loop_run(l);
	assert_int_equal(k.left, 0);
	loop_del(l, fd);
	close(fd);
	loop_destroy(l);
}

static void *stop_it(void *arg)
{
	loop_stop(arg);
	return NULL;
}

static void stops_from_any_thread_also_before_it_runs(void **state)
{
	struct loop *l = loop_create("test");
	struct source s;
	pthread_t thread;
	(void)state;
	loop_stop(l);
	loop_run(l);
	open_source(&s, l);
	loop_mod(l, s.fd, 0); /* nothing but the stop can wake it */
	pthread_create(&thread, NULL, stop_it, l);
	loop_run(l);
	pthread_join(thread, NULL);
	assert_int_equal(s.calls, 0);
	loop_mod(l, s.fd, EPOLLIN);
	s.stops = true;
	loop_run(l); /* and it can run again */
	assert_true(s.calls >= 1);
	close_source(&s);
	loop_destroy(l);
}

static int64_t busy_inside;

static void look(void *arg)
{
	pulse_turns(loop_pulse(arg), &busy_inside);
}

static void says_since_when_it_is_busy(void **state)
{
	struct loop *l = loop_create("test");
	int64_t outside = 1, before = clock_now_us();
	(void)state;
	loop_at_end(l, look, l);
	loop_turn(l, 77);
	assert_in_range(busy_inside, before, clock_now_us());
	pulse_turns(loop_pulse(l), &outside);
	assert_int_equal(outside, 0);
	loop_destroy(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_for_what_is_ready_in_each_turn),
		cmocka_unit_test(refuses_a_second_watch_and_unknown_descriptors),
		cmocka_unit_test(drops_events_already_fetched_for_a_deleted_one),
		cmocka_unit_test(tells_a_reused_number_from_its_former_user),
		cmocka_unit_test(turns_descriptors_then_timers_then_hooks),
		cmocka_unit_test(sleeps_until_timers_are_due),
		cmocka_unit_test(wakes_for_a_timer_set_nearer_than_the_one_it_waits_for),
		cmocka_unit_test(stops_from_any_thread_also_before_it_runs),
		cmocka_unit_test(says_since_when_it_is_busy),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
