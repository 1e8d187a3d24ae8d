/* SPDX-License-Identifier: Apache-2.0 */
/* How cardea-rec says spans, sizes and names on a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "../../tools/cardea-rec/words.h"

static char out[64];

static void spans_are_rounded(void **state)
{
	(void)state;
	assert_string_equal(words_span(out, sizeof out, 0, true), "0:00.0");
	assert_string_equal(words_span(out, sizeof out, 3449999, true), "0:03.4");
	assert_string_equal(words_span(out, sizeof out, 59950000, true), "1:00.0");
	assert_string_equal(words_span(out, sizeof out, 59500000, false), "1:00");
	assert_string_equal(words_span(out, sizeof out, 3723000000, false), "1:02:03");
	assert_string_equal(words_span(out, sizeof out, -5, true), "0:00.0");
	assert_string_equal(words_span(out, sizeof out, INT64_MAX, false), "2562047788:00:54");
}

static void sizes_have_the_unit_that_is_read_best(void **state)
{
	(void)state;
	assert_string_equal(words_bytes(out, sizeof out, 999), "999 B");
	assert_string_equal(words_bytes(out, sizeof out, 1000), "1.0 kB");
	assert_string_equal(words_bytes(out, sizeof out, 999949), "999.9 kB");
	assert_string_equal(words_bytes(out, sizeof out, 999950), "1.0 MB");
	assert_string_equal(words_bytes(out, sizeof out, 45200000), "45.2 MB");
	assert_string_equal(words_bytes(out, sizeof out, 5000000000000000), "5000.0 TB");
}

static void numbers_have_their_thousands_apart(void **state)
{
	(void)state;
	assert_string_equal(words_number(out, sizeof out, 0), "0");
	assert_string_equal(words_number(out, sizeof out, 999), "999");
	assert_string_equal(words_number(out, sizeof out, 21690), "21,690");
	assert_string_equal(words_number(out, sizeof out, 1234567), "1,234,567");
}

static void names_cannot_steer_a_terminal(void **state)
{
	(void)state;
	assert_string_equal(words_path(out, sizeof out, "a\x1b[2J.webm"), "a\\x1b[2J.webm");
	assert_string_equal(words_path(out, 4, "long.webm"), "lon");
	assert_string_equal(words_path(out, 0, "x"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spans_are_rounded),
		cmocka_unit_test(sizes_have_the_unit_that_is_read_best),
		cmocka_unit_test(numbers_have_their_thousands_apart),
		cmocka_unit_test(names_cannot_steer_a_terminal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
