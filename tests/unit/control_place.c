/* SPDX-License-Identifier: Apache-2.0 */
/* Which worker a PeerConnection lives on (core/control/place.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "../../core/control/place.h"

static int teardown(void **state)
{
	(void)state;
	place_end();
	return 0;
}

static void a_small_room_stays_together(void **state)
{
	(void)state;
	place_setup(4, 8);
	unsigned w = place_take(7);
	for (unsigned i = 1; i < 8; i++)
		assert_int_equal(place_take(7), w);
	assert_int_not_equal(place_take(8), w); /* another goes where it is emptier */
}

static void a_large_room_is_spread_evenly(void **state)
{
	unsigned n[2] = { 0 };
	(void)state;
	place_setup(2, 8);
	for (unsigned i = 0; i < 200; i++)
		n[place_take(7)]++;
	assert_int_equal(n[0], 100);
	assert_int_equal(n[1], 100);
}

static void who_goes_makes_room(void **state)
{
	(void)state;
	place_setup(2, 2);
	unsigned w = place_take(7);
	assert_int_equal(place_take(7), w);
	assert_int_equal(place_take(7), !w);
	place_give(7, w);
	assert_int_equal(place_take(7), w);
	place_give(7, w);
	place_give(7, w);
	place_give(7, !w); /* the last: the room is forgotten */
	assert_int_equal(place_take(8), 0);
}

static void those_without_a_key_fill_the_emptiest(void **state)
{
	(void)state;
	place_setup(3, 8);
	for (unsigned i = 0; i < 9; i++)
		assert_int_equal(place_take(0), i % 3);
	place_give(0, 1);
	assert_int_equal(place_take(0), 1);
}

int main(void)
{
#define T(f) cmocka_unit_test_teardown(f, teardown)
	const struct CMUnitTest tests[] = {
		T(a_small_room_stays_together),
		T(a_large_room_is_spread_evenly),
		T(who_goes_makes_room),
		T(those_without_a_key_fill_the_emptiest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
