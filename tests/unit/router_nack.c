/* SPDX-License-Identifier: Apache-2.0 */
/* Lost packets and when they are asked for (core/router/in/nack.c), with a time of the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "../../core/router/in/nack.h"

static struct nack n;
static uint16_t seqs[NACK_WINDOW];
#define T0 5000000LL

static int setup(void **state)
{
	(void)state;
	memset(&n, 0, sizeof n);
	nack_seen(&n, 100, T0);
	return 0;
}

static void asks_after_12_ms_and_once_more_after_155(void **state)
{
	(void)state;
	assert_true(nack_seen(&n, 103, T0));
	assert_int_equal(nack_next(&n, T0), T0 + 12000);
	assert_int_equal(nack_due(&n, T0 + 11999, seqs), 0);
	assert_int_equal(nack_due(&n, T0 + 12000, seqs), 2);
	assert_int_equal(seqs[0], 101);
	assert_int_equal(seqs[1], 102);
	assert_int_equal(nack_next(&n, T0 + 12000), T0 + 155000);
	assert_int_equal(nack_due(&n, T0 + 154999, seqs), 0);
	assert_int_equal(nack_due(&n, T0 + 155000, seqs), 2);
	assert_int_equal(nack_due(&n, T0 + 900000, seqs), 0);
	assert_true(nack_next(&n, T0 + 900000) == INT64_MAX);
}

static void does_not_ask_for_what_was_only_overtaken(void **state)
{
	(void)state;
	nack_seen(&n, 102, T0);
	assert_false(nack_seen(&n, 101, T0 + 5000));
	assert_int_equal(nack_due(&n, T0 + 20000, seqs), 0);
}

static void forgets_what_left_the_window(void **state)
{
	(void)state;
	nack_seen(&n, 102, T0);
	for (unsigned i = 103; i <= 101 + NACK_WINDOW; i++)
		nack_seen(&n, (uint16_t)i, T0);
	assert_int_equal(nack_due(&n, T0 + 12000, seqs), 1);
	nack_seen(&n, 102 + NACK_WINDOW, T0);
	assert_int_equal(nack_due(&n, T0 + 155000, seqs), 0);
}

static void large_jumps_begin_anew(void **state)
{
	(void)state;
	nack_seen(&n, 102, T0);
	assert_false(nack_seen(&n, 102 + NACK_WINDOW + 1, T0));
	assert_false(nack_seen(&n, (uint16_t)(102 + NACK_WINDOW - 1100), T0));
	assert_true(nack_seen(&n, (uint16_t)(102 + NACK_WINDOW - 1100 + NACK_WINDOW), T0));
	assert_int_equal(nack_due(&n, T0 + 12000, seqs), NACK_WINDOW - 1);
}

static void a_keyframe_clears_what_came_before_it(void **state)
{
	(void)state;
	nack_seen(&n, 102, T0);
	nack_seen(&n, 106, T0); /* 101, 103, 104, 105 */
	nack_keyframe(&n, 104);
	assert_int_equal(nack_due(&n, T0 + 12000, seqs), 2);
	assert_int_equal(seqs[0], 104);
}

static void numbers_wrap(void **state)
{
	(void)state;
	memset(&n, 0, sizeof n);
	nack_seen(&n, 65534, T0);
	nack_seen(&n, 1, T0);
	assert_int_equal(nack_due(&n, T0 + 12000, seqs), 2);
	assert_int_equal(seqs[0], 65535);
	assert_int_equal(seqs[1], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(asks_after_12_ms_and_once_more_after_155, setup),
		cmocka_unit_test_setup(does_not_ask_for_what_was_only_overtaken, setup),
		cmocka_unit_test_setup(forgets_what_left_the_window, setup),
		cmocka_unit_test_setup(large_jumps_begin_anew, setup),
		cmocka_unit_test_setup(a_keyframe_clears_what_came_before_it, setup),
		cmocka_unit_test_setup(numbers_wrap, setup),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
