/* SPDX-License-Identifier: Apache-2.0 */
/* The loops that transports are lent (core/control/loop_sdk.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <cmocka.h>
#include <cardea/loop.h>
#include "../../core/control/loop_sdk.h"
#include "until.h"

#define N_POSTS 1000

static struct cardea_loop *loop;
static _Atomic int n_run, n_order, n_events, n_timers, n_last;
static struct cardea_loop_timer *timer;
static int event_fd;
static char thread_name[16];

static int open_loop(void **state)
{
	(void)state;
	n_run = n_order = n_events = n_timers = n_last = 0;
	loop = cardea_loop_start("a name of more than fifteen");
	return !loop;
}

static int end_loops(void **state)
{
	(void)state;
	loops_end();
	return 0;
}

static void last(void *arg)
{
	assert_ptr_equal(arg, &loop);
	n_last = n_run + 1;
}

static void run_in_order(const void *rec, size_t len)
{
	int i;
	assert_int_equal(len, sizeof i);
	assert_int_equal((uintptr_t)rec % 16, 0);
	memcpy(&i, rec, sizeof i);
	n_order += i == n_run;
	n_run++;
}

static void runs_posts_in_order_and_all_of_them_before_the_last(void **state)
{
	(void)state;
	for (int i = 0; i < N_POSTS; i++)
		assert_true(cardea_loop_post(loop, run_in_order, &i, sizeof i));
	cardea_loop_stop(loop, last, &loop);
	assert_int_equal(n_order, N_POSTS);
	assert_int_equal(n_last, N_POSTS + 1);
}

static void refuses_posts_after_the_end(void **state)
{
	int i = 0;
	(void)state;
	cardea_loop_stop(loop, NULL, NULL);
	assert_false(cardea_loop_post(loop, run_in_order, &i, sizeof i));
	assert_false(cardea_loop_post(NULL, run_in_order, &i, sizeof i));
	cardea_loop_stop(loop, last, &loop);
	cardea_loop_stop(NULL, last, &loop);
	assert_int_equal(n_last, 0);
}

static void refuses_more_than_16_mib(void **state)
{
	static char big[17 << 20];
	(void)state;
	assert_false(cardea_loop_post(loop, run_in_order, big, sizeof big));
}

static void name_it(const void *rec, size_t len)
{
	(void)rec, (void)len;
	prctl(PR_GET_NAME, thread_name);
	n_run++;
}

static void names_its_thread(void **state)
{
	(void)state;
	assert_true(cardea_loop_post(loop, name_it, NULL, 0));
	UNTIL(n_run);
	assert_string_equal(thread_name, "a name of more ");
}

static void on_event(void *arg, uint32_t events)
{
	assert_ptr_equal(arg, &event_fd);
	assert_int_equal(events, EPOLLIN);
	cardea_loop_del(loop, event_fd);
	assert_false(cardea_loop_mod(loop, event_fd, EPOLLIN));
	n_events++;
}

static void watch_it(const void *rec, size_t len)
{
	(void)rec, (void)len;
	assert_true(cardea_loop_add(loop, event_fd, 0, on_event, &event_fd));
	assert_false(cardea_loop_add(loop, event_fd, EPOLLIN, on_event, &event_fd));
	assert_false(cardea_loop_add(loop, -1, EPOLLIN, on_event, &event_fd));
	assert_true(cardea_loop_mod(loop, event_fd, EPOLLIN));
	n_run++;
}

static void tells_what_comes_on_descriptors(void **state)
{
	(void)state;
	event_fd = eventfd(1, EFD_NONBLOCK);
	assert_true(cardea_loop_post(loop, watch_it, NULL, 0));
	UNTIL(n_events == 1);
	cardea_loop_stop(loop, NULL, NULL);
	assert_int_equal(n_events, 1);
	close(event_fd);
}

static void on_timer(void *arg)
{
	assert_ptr_equal(arg, &timer);
	if (++n_timers < 3) {
		cardea_loop_timer_set(timer, 1000);
		return;
	}
	cardea_loop_timer_destroy(timer);
	timer = NULL;
}

static void set_timers(const void *rec, size_t len)
{
	(void)rec, (void)len;
	timer = cardea_loop_timer_create(loop, on_timer, &timer);
	cardea_loop_timer_cancel(timer);
	cardea_loop_timer_set(timer, 3600 * INT64_C(1000000));
	cardea_loop_timer_set(timer, 0);
	cardea_loop_timer_destroy(NULL);
}

static void calls_timers_which_may_end_themselves(void **state)
{
	(void)state;
	assert_true(cardea_loop_post(loop, set_timers, NULL, 0));
	UNTIL(n_timers == 3);
}

static void ends_what_its_transport_has_left_running(void **state)
{
	(void)state;
	for (int i = 0; i < N_POSTS; i++)
		assert_true(cardea_loop_post(loop, run_in_order, &i, sizeof i));
	loops_end();
	assert_int_equal(n_order, N_POSTS);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, open_loop, end_loops)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(runs_posts_in_order_and_all_of_them_before_the_last),
		TEST(refuses_posts_after_the_end),
		TEST(refuses_more_than_16_mib),
		TEST(names_its_thread),
		TEST(tells_what_comes_on_descriptors),
		TEST(calls_timers_which_may_end_themselves),
		TEST(ends_what_its_transport_has_left_running),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
