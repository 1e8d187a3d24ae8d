/* SPDX-License-Identifier: Apache-2.0 */
/* What people write as nat_1_1_mapping. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "../../core/rtc/mapping.h"

static char out[512], told[1024];

static void tell(void *arg, bool is_error, const char *text)
{
	(void)arg;
	size_t n = strlen(told);
	snprintf(told + n, sizeof told - n, "%c %s\n", is_error ? 'E' : 'W', text);
}

static bool reads(const char *list, bool ipv6)
{
	*told = 0;
	return mapping_read(list, ipv6, out, sizeof out, tell, NULL);
}

static void takes_addresses_in_order(void **state)
{
	(void)state;
	assert_true(reads("203.0.113.5", false));
	assert_string_equal(out, "203.0.113.5");
	assert_true(reads(" 203.0.113.6 ,2001:db8::1, 203.0.113.5,", true));
	assert_string_equal(out, "203.0.113.6,2001:db8::1,203.0.113.5");
	assert_string_equal(told, "");
	assert_true(reads("", false));
	assert_string_equal(out, "");
}

static void refuses_what_is_neither_address_nor_name(void **state)
{
	static const struct {
		const char *list, *word;
	} all[] = {
		{ "300.1.1.1", "'300.1.1.1' is neither" },
		{ "203.0.113", "'203.0.113' is neither" },
		{ "1234567", "'1234567' is neither" },
		{ "203.0.113.5:10000", "without port" },
		{ "[2001:db8::1]", "without port and brackets" },
		{ "203.0.113.5/24", "not a network" },
		{ "203.0.113.5;203.0.113.6", "separated by commas" },
		{ "203.0.113.5 203.0.113.6", "separated by commas" },
		{ "0.0.0.0", "0.0.0.0 is not the address of one host" },
		{ "::", ":: is not the address of one host" },
		{ "224.0.0.1", "of a group" },
		{ "ff02::1", "of a group" },
		{ "255.255.255.255", "of nobody" },
		{ "240.0.0.1", "of nobody" },
		{ "0.1.2.3", "of nobody" },
		{ "no-such-host.invalid", "the address of 'no-such-host.invalid' cannot be found" },
	};
	(void)state;
	for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
		assert_false(reads(all[i].list, true));
		if (told[0] != 'E' || !strstr(told, all[i].word))
			fail_msg("%s: %s", all[i].list, told);
	}
}

static void keeps_what_is_right_beside_what_is_wrong(void **state)
{
	(void)state;
	assert_false(reads("203.0.113.5,0.0.0.0,300.1.1.1,203.0.113.6", false));
	assert_string_equal(out, "203.0.113.5,203.0.113.6");
}

static void looks_names_up_and_doubts_loopback(void **state)
{
	(void)state;
	assert_true(reads("localhost", false));
	assert_string_equal(out, "127.0.0.1");
	assert_string_equal(told, "W localhost is 127.0.0.1: no other machine reaches that\n");
}

static void says_that_ipv6_is_off(void **state)
{
	(void)state;
	assert_true(reads("2001:db8::1", false));
	assert_string_equal(told, "W 2001:db8::1 is not offered: media.ipv6 is off\n");
}

static void refuses_more_than_there_is_room_for(void **state)
{
	char small[30];
	(void)state;
	*told = 0;
	assert_false(mapping_read(
		"203.0.113.5,203.0.113.6,203.0.113.7", false, small, sizeof small, tell, NULL));
	assert_string_equal(small, "203.0.113.5,203.0.113.6");
	assert_string_equal(told, "E too many addresses\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_addresses_in_order),
		cmocka_unit_test(refuses_what_is_neither_address_nor_name),
		cmocka_unit_test(keeps_what_is_right_beside_what_is_wrong),
		cmocka_unit_test(looks_names_up_and_doubts_loopback),
		cmocka_unit_test(says_that_ipv6_is_off),
		cmocka_unit_test(refuses_more_than_there_is_room_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
