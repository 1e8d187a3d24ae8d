/* SPDX-License-Identifier: Apache-2.0 */
/* Redundant audio, its block headers read and renumbered (core/rtp/red.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "../../core/rtp/payload.h"
#include "../fuzz/mutate.h"

/* Two older blocks, of 3 and 300 bytes, then the newest, of 2. */
#define AT (4 + 4 + 1 + 3 + 300)
static uint8_t good[AT + 2];

static int setup(void **state)
{
	static const uint8_t headers[] = { 0xef, 0x1e, 0x00, 3, 0xef, 0x0f, 0x01, 44, 0x6f };
	(void)state;
	memset(good, 0xff, sizeof good);
	memcpy(good, headers, sizeof headers);
	memcpy(good + AT, "ab", 2);
	return 0;
}

/* In memory of just that length, so that a sanitizer sees a byte read behind it. */
static uint16_t look(const uint8_t *payload, size_t len)
{
	uint8_t *own = malloc(len ? len : 1);
	assert_non_null(own);
	memcpy(own, payload, len);
	uint16_t at = red_look(own, len, 111);
	free(own);
	return at;
}

static void the_newest_block_is_the_last(void **state)
{
	static const uint8_t alone[] = { 0x6f, 'a', 'b' };
	(void)state;
	assert_int_equal(look(good, sizeof good), AT);
	assert_int_equal(look(alone, sizeof alone), 1);
}

static void what_is_cut_short_is_refused(void **state)
{
	(void)state;
	for (size_t n = 0; n <= AT; n++)
		assert_int_equal(look(good, n), 0);
	assert_int_equal(look(good, AT + 1), AT);
}

static void every_block_is_of_the_agreed_type(void **state)
{
	static const size_t headers[] = { 0, 4, 8 };
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		good[headers[i]] ^= 1;
		assert_int_equal(look(good, sizeof good), 0);
		good[headers[i]] ^= 1;
	}
}

static void blocks_without_end_are_refused(void **state)
{
	uint8_t many[4 * 40 + 2];
	(void)state;
	memset(many, 0, sizeof many);
	for (unsigned i = 0; i < 40; i++)
		many[4 * i] = 0xef;
	many[4 * 40] = 0x6f;
	assert_int_equal(look(many, sizeof many), 0);
	assert_int_equal(look(many + 4 * 9, sizeof many - 4 * 9), 4 * 31 + 1);
}

static void renumbering_goes_there_and_back(void **state)
{
	uint8_t copy[sizeof good];
	(void)state;
	memcpy(copy, good, sizeof good);
	assert_int_equal(red_renumber(copy, 96), 111);
	assert_int_equal(copy[0], 0xe0);
	assert_int_equal(copy[4], 0xe0);
	assert_int_equal(copy[8], 0x60);
	assert_int_equal(red_look(copy, sizeof copy, 96), AT);
	assert_int_equal(red_renumber(copy, 111), 96);
	assert_memory_equal(copy, good, sizeof good);
}

static void blocks_lie_one_behind_the_other(void **state)
{
	/* 1920 earlier with 2 bytes, 960 earlier with none, the newest */
	static const uint8_t p[] = { 0xef, 0x1e, 0x00, 2, 0xef, 0x0f, 0x00, 0, 111, 1, 2, 3, 4, 5 };
	struct red_block b[RED_BLOCKS];
	(void)state;
	assert_int_equal(red_look(p, sizeof p, 111), 11);
	assert_int_equal(red_blocks(p, sizeof p, b), 3);
	assert_int_equal(b[0].before, 1920);
	assert_ptr_equal(b[0].bytes, p + 9);
	assert_int_equal(b[0].len, 2);
	assert_int_equal(b[1].before, 960);
	assert_int_equal(b[1].len, 0);
	assert_int_equal(b[2].before, 0);
	assert_ptr_equal(b[2].bytes, p + 11);
	assert_int_equal(b[2].len, 3);
}

static void anything_else_stays_within_bounds(void **state)
{
	(void)state;
	mutate_seed(1);
	for (unsigned i = 0; i < 20000; i++) {
		uint8_t buf[64];
		size_t len = mutate_below(sizeof buf + 1);
		for (size_t k = 0; k < len; k++)
			buf[k] = mutate_below(3) ? (uint8_t)mutate_next() & 3 : 0xef;
		for (size_t k = mutate_below(8) * 4; k < len; k += 64)
			buf[k] = 0x6f;
		uint16_t at = look(buf, len);
		assert_true(at < len || !at);
		if (!at)
			continue;
		red_renumber(buf, 5);
		assert_int_equal(red_look(buf, len, 5), at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_newest_block_is_the_last),
		cmocka_unit_test(what_is_cut_short_is_refused),
		cmocka_unit_test(every_block_is_of_the_agreed_type),
		cmocka_unit_test(blocks_without_end_are_refused),
		cmocka_unit_test(renumbering_goes_there_and_back),
		cmocka_unit_test(blocks_lie_one_behind_the_other),
		cmocka_unit_test(anything_else_stays_within_bounds),
	};
	return cmocka_run_group_tests(tests, setup, NULL);
}
