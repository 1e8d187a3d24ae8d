/* SPDX-License-Identifier: Apache-2.0 */
/* The monotonic and the wall clock (core/base/clock.c), and how tests fake the first one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>
#include "../../core/base/clock.h"

static void never_goes_back(void **state)
{
	int64_t last = clock_now_us();
	(void)state;
	for (int i = 0; i < 1000; i++) {
		int64_t now = clock_now_us();
		assert_true(now >= last);
		last = now;
	}
}

static void answers_the_faked_time_until_told_otherwise(void **state)
{
	(void)state;
	clock_fake(0);
	assert_int_equal(clock_now_us(), 0);
	clock_fake(1234567);
	assert_int_equal(clock_now_us(), 1234567);
	clock_fake(-1);
	assert_int_not_equal(clock_now_us(), 1234567);
}

static void shows_the_wall_clock_in_microseconds(void **state)
{
	time_t before = time(NULL);
	int64_t us = clock_wall_us();
	(void)state;
	/* time() may lag behind by a tick of the kernel */
	assert_in_range(us / US_PER_S, before, time(NULL) + 1);
}

static void makes_ntp_time(void **state)
{
	(void)state;
	/* the Unix epoch: RFC 5905, figure 4 */
	assert_int_equal(clock_ntp(0), 2208988800ULL << 32);
	assert_int_equal(clock_ntp(US_PER_S / 2), 2208988800ULL << 32 | 1ULL << 31);
	assert_int_equal(clock_ntp(1700000000 * US_PER_S + 250000),
		(2208988800ULL + 1700000000) << 32 | 1ULL << 30);
	assert_true((uint32_t)clock_ntp(999999) > 0xffff0000u - 0x10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(never_goes_back),
		cmocka_unit_test(answers_the_faked_time_until_told_otherwise),
		cmocka_unit_test(shows_the_wall_clock_in_microseconds),
		cmocka_unit_test(makes_ntp_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
