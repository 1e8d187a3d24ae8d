/* SPDX-License-Identifier: Apache-2.0 */
/* The words of errors (core/base/err.c): each has one of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "../../core/base/err.h"

static void has_a_word_of_its_own_for_each_error(void **state)
{
	(void)state;
	for (int a = OK; a <= ERR_AGAIN; a++) {
		assert_string_not_equal(err_word(a), err_word(ERR_AGAIN + 1));
		for (int b = OK; b < a; b++)
			assert_string_not_equal(err_word(a), err_word(b));
	}
}

static void has_a_word_for_nonsense(void **state)
{
	(void)state;
	assert_true(strlen(err_word(ERR_AGAIN + 1)) > 0);
	assert_true(strlen(err_word((enum err)9999)) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_a_word_of_its_own_for_each_error),
		cmocka_unit_test(has_a_word_for_nonsense),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
