/* SPDX-License-Identifier: Apache-2.0 */
/* Random bytes, ids and ICE characters (core/base/rand.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "../../core/base/rand.h"

static void fills_every_byte_and_no_more(void **state)
{
	unsigned char sum[64] = { 0 }, b[66];
	(void)state;
	for (int round = 0; round < 64; round++) {
		memset(b, 0, sizeof b);
		rand_bytes(b + 1, 64);
		assert_int_equal(b[0] | b[65], 0);
		for (int i = 0; i < 64; i++)
			sum[i] |= b[i + 1];
	}
	for (int i = 0; i < 64; i++)
		assert_int_equal(sum[i], 0xff); /* a bit that 64 draws leave at 0: one in 2^55 */
}

static void does_not_repeat_itself(void **state)
{
	unsigned char a[16], b[16];
	(void)state;
	rand_bytes(a, sizeof a);
	rand_bytes(b, sizeof b);
	assert_memory_not_equal(a, b, sizeof a);
	assert_false(rand_u32() == rand_u32() && rand_u32() == rand_u32());
}

static void makes_ids_that_fit_a_javascript_number(void **state)
{
	uint64_t all = 0;
	(void)state;
	for (int i = 0; i < 200; i++) {
		uint64_t id = rand_id53();
		assert_in_range(id, 1, (1ULL << 53) - 1);
		all |= id;
	}
	assert_int_equal(all, (1ULL << 53) - 1); /* all bits are in use */
}

static void makes_ice_chars_with_a_nul_behind(void **state)
{
	static const char set[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char s[258], seen[256] = { 0 };
	(void)state;
	for (int round = 0; round < 16; round++) {
		memset(s, '!', sizeof s);
		rand_ice_chars(s, 256);
		assert_int_equal(strlen(s), 256);
		assert_int_equal(s[257], '!');
		assert_int_equal(strspn(s, set), 256);
		for (int i = 0; i < 256; i++)
			seen[(unsigned char)s[i]] = 1;
	}
	for (int i = 0; i < 64; i++)
		assert_true(seen[(unsigned char)set[i]]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills_every_byte_and_no_more),
		cmocka_unit_test(does_not_repeat_itself),
		cmocka_unit_test(makes_ids_that_fit_a_javascript_number),
		cmocka_unit_test(makes_ice_chars_with_a_nul_behind),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
