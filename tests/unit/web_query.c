/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters of a query (core/web/query.c). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <cardea/transport.h>

static void finds_a_parameter_at_any_place(void **state)
{
	char out[16];
	(void)state;
	assert_true(cardea_web_query("a=1&bb=2&c=3", "a", out, sizeof out));
	assert_string_equal(out, "1");
	assert_true(cardea_web_query("a=1&bb=2&c=3", "bb", out, sizeof out));
	assert_string_equal(out, "2");
	assert_true(cardea_web_query("a=1&bb=2&c=3", "c", out, sizeof out));
	assert_string_equal(out, "3");
}

static void takes_no_part_of_a_name(void **state)
{
	char out[16];
	(void)state;
	assert_false(cardea_web_query("maxevs=1&xmaxev=2", "maxev", out, sizeof out));
	assert_false(cardea_web_query("", "maxev", out, sizeof out));
}

static void decodes_values(void **state)
{
	char out[32];
	(void)state;
	assert_true(cardea_web_query("t=a%26b%3d%2B+c%zz%2", "t", out, sizeof out));
	assert_string_equal(out, "a&b=+ c%zz%2");
}

static void cuts_what_is_too_long(void **state)
{
	char out[4];
	(void)state;
	assert_true(cardea_web_query("t=abcdefgh", "t", out, sizeof out));
	assert_string_equal(out, "abc");
}

static void a_name_without_value_is_there(void **state)
{
	char out[4] = "x";
	(void)state;
	assert_true(cardea_web_query("flag&t=1", "flag", out, sizeof out));
	assert_string_equal(out, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_a_parameter_at_any_place),
		cmocka_unit_test(takes_no_part_of_a_name),
		cmocka_unit_test(decodes_values),
		cmocka_unit_test(cuts_what_is_too_long),
		cmocka_unit_test(a_name_without_value_is_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
