/* SPDX-License-Identifier: Apache-2.0 */
/* The watchdog (core/base/watchdog.c) over a loop that the test makes hang. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../core/base/clock.h"
#include "../../core/base/log.h"
#include "../../core/base/loop.h"
#include "../../core/base/watchdog.h"

/* The log goes into a pipe, so that a test waits for its lines and for nothing else. */
static char dir[64], path[96];
static FILE *lines;
static sem_t go_on, ready;

static int open_log(void **state)
{
	int fd;
	(void)state;
	snprintf(dir, sizeof dir, "/tmp/cardea-dog-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof path, "%s/log", dir);
	if (mkfifo(path, 0600) || (fd = open(path, O_RDONLY | O_NONBLOCK)) < 0)
		return -1;
	log_start(&(struct log_conf){ .level = 4, .file = path });
	fcntl(fd, F_SETFL, 0);
	lines = fdopen(fd, "r");
	sem_init(&go_on, 0, 0);
	sem_init(&ready, 0, 0);
	return 0;
}

static int close_log(void **state)
{
	(void)state;
	log_stop();
	fclose(lines);
	unlink(path);
	sem_destroy(&go_on);
	sem_destroy(&ready);
	return rmdir(dir);
}

/* Read up to and with the line that begins so. @return the lines in between that hold @p
 * counted. */
static unsigned read_until(const char *begin, const char *counted)
{
	char line[512];
	unsigned n = 0;
	while (fgets(line, sizeof line, lines)) {
		if (!strncmp(line, begin, strlen(begin)))
			return n;
		n += counted && strstr(line, counted);
	}
	fail_msg("the log ended before: %s", begin);
	return 0;
}

static void get_stuck(void *arg)
{
	(void)arg;
	while (sem_wait(&go_on)) /* the watchdog's signal interrupts */
		;
}

struct patient {
	struct loop *l;
	struct wheel_timer t;
	int64_t limit_us;
};

static void *live(void *arg)
{
	struct patient *p = arg;
	assert_int_equal(watchdog_add("patient", loop_pulse(p->l), p->limit_us), OK);
	sem_post(&ready);
	loop_run(p->l);
	watchdog_del(loop_pulse(p->l));
	return NULL;
}

static void names_a_stuck_loop_once_and_again_when_it_recovers(void **state)
{
	struct patient p = { .l = loop_create("patient"), .limit_us = 30000, .t.fn = get_stuck };
	pthread_t thread;
	(void)state;
	assert_int_equal(watchdog_start(0), OK);
	assert_int_equal(watchdog_start(0), ERR_STATE);
	wheel_set(loop_wheel(p.l), &p.t, loop_now(p.l));
	pthread_create(&thread, NULL, live, &p);
	read_until("[ERROR] watchdog: loop is stuck loop=patient since_ms=", NULL);
	read_until("[ERROR] watchdog: stuck at loop=patient frame=", NULL);
	sem_post(&go_on);
	read_until("[WARN] watchdog: slow turn loop=patient took_ms=", NULL);
	assert_int_equal(
		read_until("[WARN] watchdog: loop turns again loop=patient", "loop is stuck"), 0);
	loop_stop(p.l);
	pthread_join(thread, NULL);
	watchdog_stop();
	watchdog_stop();
	loop_destroy(p.l);
}

static void says_nothing_of_loops_that_wait_or_are_not_watched(void **state)
{
	struct patient idle = { .l = loop_create("idle"), .limit_us = 1 },
		       p = { .l = loop_create("patient"), .limit_us = 10000, .t.fn = get_stuck };
	pthread_t t1, t2;
	(void)state;
	watchdog_start(0);
	/* waits all the time, with the shortest of limits */
	pthread_create(&t1, NULL, live, &idle);
	sem_wait(&ready);
	watchdog_del(loop_pulse(p.l)); /* unknown: fine */
	wheel_set(loop_wheel(p.l), &p.t, loop_now(p.l));
	pthread_create(&t2, NULL, live, &p);
	/* the watchdog has looked at both */
	assert_int_equal(read_until("[ERROR] watchdog: stuck at", "loop=idle"), 0);
	sem_post(&go_on);
	read_until("[WARN] watchdog: loop turns again", NULL);
	loop_stop(idle.l);
	loop_stop(p.l);
	pthread_join(t1, NULL);
	pthread_join(t2, NULL);
	watchdog_stop();
	loop_destroy(idle.l);
	loop_destroy(p.l);
}

static void watches_a_bounded_number_of_loops(void **state)
{
	struct loop *l = loop_create("one");
	unsigned n = 0;
	(void)state;
	while (watchdog_add("one", loop_pulse(l), US_PER_S) == OK)
		assert_true(++n < 1000);
	assert_true(n >= 16);
	watchdog_del(loop_pulse(l));
	assert_int_equal(watchdog_add("one", loop_pulse(l), US_PER_S), OK);
	watchdog_del(loop_pulse(l));
	loop_destroy(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			names_a_stuck_loop_once_and_again_when_it_recovers, open_log, close_log),
		cmocka_unit_test_setup_teardown(
			says_nothing_of_loops_that_wait_or_are_not_watched, open_log, close_log),
		cmocka_unit_test_setup_teardown(
			watches_a_bounded_number_of_loops, open_log, close_log),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
