/* SPDX-License-Identifier: Apache-2.0 */
/* Blocking jobs on the pool (core/base/work.c): where they run, where they complete, and what a
 * stop does to them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <cmocka.h>
#include "../../core/base/work.h"

static struct loop *home;
static pthread_t home_thread;
static unsigned n_done, n_cancelled, n_expected;
static _Atomic unsigned n_run;
static sem_t begun, go_on;

static void setup(unsigned expected)
{
	home = loop_create("home");
	home_thread = pthread_self();
	n_done = n_cancelled = 0;
	n_expected = expected;
	atomic_store(&n_run, 0);
	sem_init(&begun, 0, 0);
	sem_init(&go_on, 0, 0);
}

static void teardown(void)
{
	sem_destroy(&begun);
	sem_destroy(&go_on);
	loop_destroy(home);
}

static void run(void *arg)
{
	assert_false(pthread_equal(pthread_self(), home_thread));
	++*(int *)arg;
	atomic_fetch_add(&n_run, 1);
}

static void run_slowly(void *arg)
{
	sem_post(&begun);
	sem_wait(&go_on);
	run(arg);
}

static void done(void *arg, bool cancelled)
{
	assert_true(pthread_equal(pthread_self(), home_thread));
	assert_int_equal(*(int *)arg, cancelled ? 0 : 1); /* what the job did is seen here */
	n_cancelled += cancelled;
	if (++n_done == n_expected)
		loop_stop(home);
}

static void runs_jobs_elsewhere_and_completes_them_at_home(void **state)
{
	static int args[200];
	(void)state;
	setup(200);
	assert_int_equal(work_start(home, 3, 1000), OK);
	for (int i = 0; i < 200; i++)
		assert_int_equal(work_run(run, done, &args[i]), OK);
	loop_run(home);
	assert_int_equal(n_done, 200);
	assert_int_equal(n_cancelled, 0);
	work_stop();
	assert_int_equal(n_done, 200);
	teardown();
}

static void refuses_when_too_many_wait(void **state)
{
	int args[4] = { 0 };
	(void)state;
	setup(3);
	work_start(home, 1, 2);
	assert_int_equal(work_run(run_slowly, done, &args[0]), OK);
	sem_wait(&begun); /* it runs: it waits no longer */
	assert_int_equal(work_run(run, done, &args[1]), OK);
	assert_int_equal(work_run(run, done, &args[2]), OK);
	assert_int_equal(work_run(run, done, &args[3]), ERR_FULL);
	sem_post(&go_on);
	loop_run(home);
	assert_int_equal(atomic_load(&n_run), 3);
	work_stop();
	assert_int_equal(args[3], 0);
	teardown();
}

static void *let_go(void *arg)
{
	sem_post(&go_on);
	return arg;
}

static void waits_for_running_jobs_when_stopped(void **state)
{
	int arg = 0;
	pthread_t thread;
	(void)state;
	setup(0);
	work_start(home, 1, 10);
	work_run(run_slowly, done, &arg);
	sem_wait(&begun);
	pthread_create(&thread, NULL, let_go, NULL);
	work_stop();
	assert_int_equal(n_done, 1);
	assert_int_equal(n_cancelled, 0);
	pthread_join(thread, NULL);
	teardown();
}

static void cancels_what_has_not_begun_when_stopped(void **state)
{
	int args[3] = { 0 };
	(void)state;
	setup(0);
	work_start(home, 0, 10); /* no thread: nothing begins */
	for (int i = 0; i < 3; i++)
		assert_int_equal(work_run(run, done, &args[i]), OK);
	work_stop();
	assert_int_equal(n_done, 3);
	assert_int_equal(n_cancelled, 3);
	assert_int_equal(atomic_load(&n_run), 0);
	teardown();
}

static void answers_not_now_before_start_and_after_stop(void **state)
{
	int arg = 0;
	(void)state;
	setup(0);
	assert_int_equal(work_run(run, done, &arg), ERR_STATE);
	assert_int_equal(work_start(home, 1, 1), OK);
	assert_int_equal(work_start(home, 1, 1), ERR_STATE);
	work_stop();
	work_stop();
	assert_int_equal(work_run(run, done, &arg), ERR_STATE);
	assert_int_equal(n_done, 0);
	teardown();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_jobs_elsewhere_and_completes_them_at_home),
		cmocka_unit_test(refuses_when_too_many_wait),
		cmocka_unit_test(waits_for_running_jobs_when_stopped),
		cmocka_unit_test(cancels_what_has_not_begun_when_stopped),
		cmocka_unit_test(answers_not_now_before_start_and_after_stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
