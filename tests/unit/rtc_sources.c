/* SPDX-License-Identifier: Apache-2.0 */
/* Which peers have sent under an SSRC (core/rtc/sources.c). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../core/rtc/sources.h"

static struct sources *s;

static int setup(void **state)
{
	(void)state;
	s = sources_create(100);
	return !s;
}

static int teardown(void **state)
{
	(void)state;
	sources_destroy(s);
	return 0;
}

static void finds_who_has_used_an_ssrc(void **state)
{
	uint32_t slots[4];
	(void)state;
	for (uint32_t slot = 0; slot < 100; slot++)
		sources_note(s, slot, 1000 + slot);
	for (uint32_t slot = 0; slot < 100; slot++) {
		assert_int_equal(sources_find(s, 1000 + slot, slots, 4), 1);
		assert_int_equal(slots[0], slot);
	}
	assert_int_equal(sources_find(s, 999, slots, 4), 0);
}

static void those_not_heard_for_longest_come_first(void **state)
{
	uint32_t slots[4];
	(void)state;
	for (uint32_t slot = 0; slot < 6; slot++)
		sources_note(s, slot, 1);
	sources_note(s, 0, 1);
	sources_note(s, 2, 1);
	assert_int_equal(sources_find(s, 1, slots, 4), 4);
	assert_int_equal(slots[0], 1);
	assert_int_equal(slots[1], 3);
	assert_int_equal(slots[2], 4);
	assert_int_equal(slots[3], 5);
}

static void keeps_the_latest_of_a_peer(void **state)
{
	uint32_t slots[4];
	(void)state;
	for (uint32_t n = 0; n < 3 * SOURCES_OF_PEER; n++)
		sources_note(s, 7, n);
	for (uint32_t n = 0; n < 3 * SOURCES_OF_PEER; n++)
		assert_int_equal(sources_find(s, n, slots, 4), n >= 2 * SOURCES_OF_PEER);
	sources_forget(s, 7);
	for (uint32_t n = 0; n < 3 * SOURCES_OF_PEER; n++)
		assert_int_equal(sources_find(s, n, slots, 4), 0);
	sources_forget(s, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(finds_who_has_used_an_ssrc, setup, teardown),
		cmocka_unit_test_setup_teardown(
			those_not_heard_for_longest_come_first, setup, teardown),
		cmocka_unit_test_setup_teardown(keeps_the_latest_of_a_peer, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
