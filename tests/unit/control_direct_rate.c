/* SPDX-License-Identifier: Apache-2.0 */
/* The allowance of a client of a direct endpoint (core/control/direct_rate.c), with a time of
 * the test. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../core/base/clock.h"
#include "../../core/control/direct_rate.h"

static struct direct_rate r;
static int64_t now_us;

static int begin(void **state)
{
	(void)state;
	now_us = 1000 * US_PER_S;
	direct_rate_start(&r, 100, now_us);
	return 0;
}

static unsigned says(unsigned n, size_t len, enum direct_pace expected)
{
	unsigned i = 0;
	while (i < n && direct_rate_say(&r, len, now_us) == expected)
		i++;
	return i;
}

static void allows_a_burst_and_then_the_rate(void **state)
{
	(void)state;
	assert_int_equal(says(1000, 100, PACE_OK), 500);
	for (int second = 0; second < 10; second++) {
		now_us += US_PER_S;
		/* the question that was one too many costs as well */
		r.left = r.left < 0 ? 0 : r.left;
		assert_int_equal(says(1000, 100, PACE_OK), 100);
	}
}

static void saves_up_no_more_than_a_burst(void **state)
{
	(void)state;
	now_us += 3600 * US_PER_S;
	assert_int_equal(says(1000, 0, PACE_OK), 500);
}

static void calls_it_abuse_when_as_much_again_is_refused(void **state)
{
	(void)state;
	assert_int_equal(says(500, 0, PACE_OK), 500);
	assert_int_equal(says(1000, 0, PACE_TOO_FAST), 500);
	assert_int_equal(direct_rate_say(&r, 0, now_us), PACE_ABUSE);
}

static void forgives_who_waits(void **state)
{
	(void)state;
	assert_int_equal(says(500, 0, PACE_OK), 500);
	assert_int_equal(says(400, 0, PACE_TOO_FAST), 400);
	now_us += 5 * US_PER_S;
	assert_int_equal(says(1000, 0, PACE_OK), 100);
}

/* What a peer is sent at once is less than the 8 MiB that the web host lets wait. */
static void counts_large_messages_by_their_size(void **state)
{
	(void)state;
	assert_int_equal(says(1000, (8 << 10) - 1, PACE_OK), 500);
	begin(NULL);
	assert_int_equal(says(1000, 8 << 10, PACE_OK), 250);
	begin(NULL);
	assert_int_equal(says(1000, 1 << 20, PACE_OK), 3);
}

static void lets_the_largest_message_pass_at_the_lowest_rate(void **state)
{
	(void)state;
	direct_rate_start(&r, 1, now_us);
	assert_int_equal(says(9, 1 << 20, PACE_OK), 1);
	now_us += 7 * US_PER_S;
	assert_int_equal(says(9, 1 << 20, PACE_OK), 1);
}

#define TEST(fn) cmocka_unit_test_setup(fn, begin)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(allows_a_burst_and_then_the_rate),
		TEST(saves_up_no_more_than_a_burst),
		TEST(calls_it_abuse_when_as_much_again_is_refused),
		TEST(forgives_who_waits),
		TEST(counts_large_messages_by_their_size),
		TEST(lets_the_largest_message_pass_at_the_lowest_rate),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
