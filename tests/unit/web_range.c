/* SPDX-License-Identifier: Apache-2.0 */
/* Which part of a file a Range header asks for: web/range.c. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../core/web/range.h"

#define SIZE 1000

static void reads_ranges(void **state)
{
	static const struct {
		const char *field;
		enum range is;
		int64_t at, len;
	} rows[] = {
		{ "", RANGE_WHOLE, 0, 0 },
		{ "bytes=0-99", RANGE_PART, 0, 100 },
		{ "Bytes=0-0", RANGE_PART, 0, 1 },
		{ "bytes=900-", RANGE_PART, 900, 100 },
		{ "bytes=-100", RANGE_PART, 900, 100 },
		{ "bytes=-5000", RANGE_PART, 0, SIZE },
		{ "bytes=900-5000", RANGE_PART, 900, 100 },
		{ "bytes=999-999", RANGE_PART, 999, 1 },
		{ "bytes=1000-", RANGE_NONE, 0, 0 },
		{ "bytes=-0", RANGE_NONE, 0, 0 },
		/* as large as it likes (RFC 9110, 14.1.2) */
		{ "bytes=99999999999999999999-", RANGE_NONE, 0, 0 },
		{ "bytes=900-99999999999999999999", RANGE_PART, 900, 100 },
		{ "bytes=-99999999999999999999", RANGE_PART, 0, SIZE },
		/* several, other units, and what cannot be read: all of it (RFC 9110, 14.2) */
		{ "bytes=0-1,5-6", RANGE_WHOLE, 0, 0 },
		{ "bytes=5-6,8-9", RANGE_WHOLE, 0, 0 },
		{ "bytes=-5,8-9", RANGE_WHOLE, 0, 0 },
		{ "bytes=5-4", RANGE_WHOLE, 0, 0 },
		{ "bytes=-", RANGE_WHOLE, 0, 0 },
		{ "bytes=a-", RANGE_WHOLE, 0, 0 },
		{ "bytes=1-2x", RANGE_WHOLE, 0, 0 },
		{ "bytes=5-9x", RANGE_WHOLE, 0, 0 },
		{ "lines=1-2", RANGE_WHOLE, 0, 0 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int64_t at = 0, len = 0;
		assert_int_equal(range_read(rows[i].field, SIZE, &at, &len), rows[i].is);
		assert_int_equal(at, rows[i].at);
		assert_int_equal(len, rows[i].len);
	}
}

static void nothing_has_no_parts(void **state)
{
	int64_t at, len;
	(void)state;
	assert_int_equal(range_read("bytes=0-", 0, &at, &len), RANGE_NONE);
	assert_int_equal(range_read("bytes=-1", 0, &at, &len), RANGE_NONE);
	assert_int_equal(range_read("", 0, &at, &len), RANGE_WHOLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_ranges),
		cmocka_unit_test(nothing_has_no_parts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
