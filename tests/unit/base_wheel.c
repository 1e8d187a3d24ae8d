/* SPDX-License-Identifier: Apache-2.0 */
/* Timers (core/base/wheel.c), turned by hand with a time of the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "../../core/base/wheel.h"
#include "../fuzz/mutate.h"

#define N     300
#define NEVER INT64_MAX

struct probe {
	struct wheel_timer t;
	struct wheel *w;
	int64_t at_us; /* what the test expects; NEVER: not armed */
	int64_t fired_at;
	unsigned fired;
	int64_t again_us;    /* set by the callback anew, 0: not */
	struct probe *other; /* cancelled by the callback */
	int *order, rank;
};
static int64_t now_us;
static int n_order;

static void on_timer(void *arg)
{
	struct probe *p = arg;
	assert_false(wheel_armed(&p->t));
	p->fired++;
	p->fired_at = now_us;
	if (p->order)
		p->order[n_order++] = p->rank;
	if (p->other)
		wheel_cancel(p->w, &p->other->t);
	if (p->again_us)
		wheel_set(p->w, &p->t, p->again_us);
}

static void set(struct wheel *w, struct probe *p, int64_t at_us)
{
	p->w = w;
	p->t.fn = on_timer;
	p->t.arg = p;
	p->at_us = at_us;
	wheel_set(w, &p->t, at_us);
}

static void run(struct wheel *w, int64_t at_us)
{
	now_us = at_us;
	wheel_run(w, at_us);
}

static void fires_once_and_to_the_microsecond(void **state)
{
	struct wheel *w = wheel_create(1000000);
	struct probe p = { 0 };
	(void)state;
	set(w, &p, 1000010);
	run(w, 1000009);
	assert_int_equal(p.fired, 0);
	assert_int_equal(wheel_next(w), 1000010);
	run(w, 1000010);
	assert_int_equal(p.fired, 1);
	run(w, 2000000);
	assert_int_equal(p.fired, 1);
	assert_int_equal(wheel_next(w), NEVER);
	wheel_destroy(w);
}

static void moves_a_timer_that_is_set_again(void **state)
{
	struct wheel *w = wheel_create(0);
	struct probe p = { 0 };
	(void)state;
	set(w, &p, 5000);
	set(w, &p, 900000);
	run(w, 899999);
	assert_int_equal(p.fired, 0);
	set(w, &p, 900001);
	run(w, 900000);
	assert_int_equal(p.fired, 0);
	run(w, 900001);
	assert_int_equal(p.fired, 1);
	wheel_destroy(w);
}

static void fires_in_the_order_of_time_and_then_of_arming(void **state)
{
	struct wheel *w = wheel_create(0);
	static const int64_t at[] = { 100000, 64, 7000000, 7000000, 64, 300 };
	static const int want[] = { 1, 4, 5, 0, 2, 3 };
	struct probe p[6] = { 0 };
	int order[6];
	(void)state;
	n_order = 0;
	for (int i = 0; i < 6; i++) {
		p[i].order = order;
		p[i].rank = i;
		set(w, &p[i], at[i]);
	}
	run(w, 3600000000LL); /* a jump over everything */
	assert_int_equal(n_order, 6);
	assert_memory_equal(order, want, sizeof want);
	wheel_destroy(w);
}

static void lets_a_callback_set_and_cancel(void **state)
{
	struct wheel *w = wheel_create(0);
	struct probe a = { 0 }, b = { 0 }, late = { 0 };
	(void)state;
	a.other = &b;   /* b is due in the same run and is cancelled before its turn */
	a.again_us = 1; /* due at once: but only in the next run */
	set(w, &a, 100);
	set(w, &b, 200);
	set(w, &late, 50000);
	run(w, 1000);
	assert_int_equal(a.fired, 1);
	assert_int_equal(b.fired, 0);
	assert_int_equal(wheel_next(w), 1);
	run(w, 1001);
	assert_int_equal(a.fired, 2);
	a.again_us = 0;
	a.other = &late;
	run(w, 1002);
	assert_int_equal(a.fired, 3);
	run(w, 100000);
	assert_int_equal(late.fired, 0);
	assert_int_equal(wheel_next(w), NEVER);
	wheel_destroy(w);
}

static void takes_back_what_is_not_armed(void **state)
{
	struct wheel *w = wheel_create(0);
	struct probe p = { 0 };
	(void)state;
	wheel_cancel(w, &p.t);
	set(w, &p, 10);
	assert_true(wheel_armed(&p.t));
	wheel_cancel(w, &p.t);
	wheel_cancel(w, &p.t);
	assert_false(wheel_armed(&p.t));
	run(w, 20);
	assert_int_equal(p.fired, 0);
	wheel_destroy(w);
}

static void bears_a_clock_that_goes_back(void **state)
{
	struct wheel *w = wheel_create(5000000);
	struct probe p = { 0 }, q = { 0 };
	(void)state;
	set(w, &p, 2000);
	set(w, &q, 5000100);
	run(w, 1999);
	assert_int_equal(p.fired, 0);
	run(w, 2000);
	assert_int_equal(p.fired, 1);
	assert_int_equal(q.fired, 0);
	run(w, 5000100);
	assert_int_equal(q.fired, 1);
	wheel_destroy(w);
}

static void takes_times_without_bounds(void **state)
{
	struct wheel *w = wheel_create(0);
	struct probe past = { 0 }, far = { 0 };
	(void)state;
	set(w, &past, INT64_MIN);
	set(w, &far, INT64_MAX);
	run(w, 0);
	assert_int_equal(past.fired, 1);
	run(w, INT64_MAX - 1);
	assert_int_equal(far.fired, 0);
	run(w, INT64_MAX);
	assert_int_equal(far.fired, 1);
	wheel_destroy(w);
}

static int64_t some_delay(void)
{
	/* of every magnitude, also past */
	return (int64_t)(mutate_next() >> (20 + mutate_below(44))) - 100;
}

static void check_against_model(struct wheel *w, struct probe *p)
{
	int64_t earliest = NEVER, next = wheel_next(w);
	for (int i = 0; i < N; i++) {
		if (p[i].fired) {
			assert_int_equal(p[i].fired, 1);
			assert_true(p[i].at_us <= now_us);
			p[i].fired = 0;
			p[i].at_us = NEVER;
		}
		assert_int_equal(wheel_armed(&p[i].t), p[i].at_us != NEVER);
		if (p[i].at_us < earliest)
			earliest = p[i].at_us;
	}
	assert_true(earliest > now_us); /* all that was due has fired */
	assert_true(next <= earliest);
	assert_true(next > now_us); /* else a loop would spin */
	assert_int_equal(next == NEVER, earliest == NEVER);
}

/* Thousands of random settings, cancellations and jumps against a plain list. */
static void agrees_with_a_plain_list(void **state)
{
	struct probe *p = test_calloc(N, sizeof *p);
	struct wheel *w = wheel_create(0);
	(void)state;
	mutate_seed(1);
	for (int i = 0; i < N; i++)
		p[i].at_us = NEVER;
	now_us = 0;
	for (int round = 0; round < 20000; round++) {
		int64_t jump = some_delay();
		for (size_t n = mutate_below(6); n--;) {
			struct probe *q = &p[mutate_below(N)];
			if (mutate_below(3)) {
				set(w, q, now_us + some_delay());
			} else {
				wheel_cancel(w, &q->t);
				q->at_us = NEVER;
			}
		}
		if (now_us > (int64_t)1 << 61)
			break;
		run(w, mutate_below(8) ? now_us + (jump > 0 ? jump % 100000 : 0)
				       : now_us + llabs(jump));
		check_against_model(w, p);
	}
	wheel_destroy(w);
	for (int i = 0; i < N; i++)
		assert_false(wheel_armed(&p[i].t));
	test_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fires_once_and_to_the_microsecond),
		cmocka_unit_test(moves_a_timer_that_is_set_again),
		cmocka_unit_test(fires_in_the_order_of_time_and_then_of_arming),
		cmocka_unit_test(lets_a_callback_set_and_cancel),
		cmocka_unit_test(takes_back_what_is_not_armed),
		cmocka_unit_test(bears_a_clock_that_goes_back),
		cmocka_unit_test(takes_times_without_bounds),
		cmocka_unit_test(agrees_with_a_plain_list),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
