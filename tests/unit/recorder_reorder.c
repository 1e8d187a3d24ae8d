/* SPDX-License-Identifier: Apache-2.0 */
/* Packets in their order again, before a depacketizer sees them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "../../core/recorder/reorder.h"

/* What left, as text: numbers, "+n" before one that n are missing before. */
static char out[8192];
static size_t out_len;

static void on_packet(void *arg, const struct rec_packet *p, unsigned gap)
{
	(void)arg;
	assert_int_equal(p->rtp[0], p->seq & 0xff); /* its own bytes */
	if (gap)
		out_len += (size_t)snprintf(out + out_len, sizeof out - out_len, "+%u ", gap);
	out_len += (size_t)snprintf(out + out_len, sizeof out - out_len, "%u ", p->seq);
}

static struct reorder *begin(void)
{
	struct reorder *o = reorder_new(on_packet, NULL);
	assert_non_null(o);
	out_len = 0;
	out[0] = 0;
	return o;
}

static void take_of(struct reorder *o, uint32_t gen, uint8_t layer, unsigned seq, int64_t at_us)
{
	uint8_t rtp[4] = { (uint8_t)seq };
	struct rec_packet p = { .at_us = at_us,
		.gen = gen,
		.layer = layer,
		.seq = (uint16_t)seq,
		.rtp = rtp,
		.rtp_len = sizeof rtp };
	reorder_take(o, &p);
	memset(rtp, 0xee, sizeof rtp); /* borrowed for the call alone */
}

static void take(struct reorder *o, unsigned seq, int64_t at_us)
{
	take_of(o, 1, 0, seq, at_us);
}

static void what_came_too_early_waits_for_what_is_missing(void **state)
{
	struct reorder *o = begin();
	(void)state;
	take(o, 7, 0);
	take(o, 8, 1);
	take(o, 10, 2);
	take(o, 11, 3);
	assert_string_equal(out, "7 8 ");
	take(o, 9, 4);
	take(o, 12, 5);
	assert_string_equal(out, "7 8 9 10 11 12 ");
	assert_int_equal(reorder_stats(o)->packets, 6);
	assert_int_equal(reorder_stats(o)->lost, 0);
	assert_int_equal(reorder_tick(o, 6), INT64_MAX);
	reorder_free(o);
}

static void numbers_wrap(void **state)
{
	struct reorder *o = begin();
	(void)state;
	take(o, 65534, 0);
	take(o, 0, 0);
	take(o, 1, 0);
	take(o, 65535, 0);
	assert_string_equal(out, "65534 65535 0 1 ");
	reorder_free(o);
}

static void what_does_not_come_is_given_up_in_time(void **state)
{
	struct reorder *o = begin();
	(void)state;
	take(o, 7, 0);
	take(o, 10, 1000);
	take(o, 12, 3000);
	assert_int_equal(reorder_tick(o, 2000), 1000 + REORDER_US);
	assert_int_equal(reorder_tick(o, 999 + REORDER_US), 1000 + REORDER_US);
	assert_string_equal(out, "7 ");
	assert_int_equal(reorder_tick(o, 1000 + REORDER_US), 3000 + REORDER_US);
	assert_string_equal(out, "7 +2 10 ");
	take(o, 9, 1001 + REORDER_US);  /* too late */
	take(o, 13, 3000 + REORDER_US); /* packets tell the time, too */
	assert_string_equal(out, "7 +2 10 +1 12 13 ");
	assert_int_equal(reorder_stats(o)->lost, 3);
	assert_int_equal(reorder_stats(o)->late, 1);
	reorder_free(o);
}

static void duplicates_are_dropped(void **state)
{
	struct reorder *o = begin();
	(void)state;
	take(o, 7, 0);
	take(o, 7, 0);
	take(o, 9, 0);
	take(o, 9, 0);
	take(o, 8, 0);
	take(o, 9, 0);
	take(o, 8, 0);
	assert_string_equal(out, "7 8 9 ");
	assert_int_equal(reorder_stats(o)->duplicate, 4);
	assert_int_equal(reorder_stats(o)->late, 0);
	reorder_free(o);
}

static void another_gen_or_layer_lets_all_leave(void **state)
{
	struct reorder *o = begin();
	(void)state;
	take_of(o, 1, 0, 7, 0);
	take_of(o, 1, 0, 9, 0);
	take_of(o, 2, 0, 500, 0);
	assert_string_equal(out, "7 +1 9 500 ");
	take_of(o, 2, 0, 502, 0);
	take_of(o, 2, 1, 9, 0);
	take_of(o, 2, 1, 10, 0);
	assert_string_equal(out, "7 +1 9 500 +1 502 9 10 ");
	reorder_free(o);
}

static void no_more_wait_than_may(void **state)
{
	struct reorder *o = begin();
	(void)state;
	take(o, 0, 0);
	for (unsigned seq = 2; seq < 2 + REORDER_MAX; seq++)
		take(o, seq, 0);
	/* number 1025 has no room as long as 1 is waited for */
	assert_int_equal(reorder_stats(o)->packets, 1 + REORDER_MAX);
	assert_int_equal(reorder_stats(o)->lost, 1);
	take(o, 20000, 0);
	assert_int_equal(reorder_stats(o)->lost, 1 + 20000 - 2 - REORDER_MAX);
	reorder_free(o);
}

static void flush_lets_all_leave(void **state)
{
	struct reorder *o = begin();
	(void)state;
	take(o, 7, 0);
	take(o, 9, 0);
	take(o, 20, 0);
	reorder_flush(o);
	assert_string_equal(out, "7 +1 9 +10 20 ");
	take(o, 21, 0);
	take(o, 23, 0); /* freed with it */
	reorder_free(o);
	reorder_free(NULL);
}

static void numbering_that_began_anew_is_followed(void **state)
{
	struct reorder *o = begin();
	(void)state;
	take(o, 30000, 0);
	take(o, 17, 0);
	take(o, 30001, 0);
	assert_string_equal(out, "30000 30001 "); /* a single one is a stray */
	take(o, 17, 0);
	take(o, 18, 0);
	take(o, 19, 0);
	assert_string_equal(out, "30000 30001 +1 18 19 ");
	reorder_free(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_came_too_early_waits_for_what_is_missing),
		cmocka_unit_test(numbers_wrap),
		cmocka_unit_test(what_does_not_come_is_given_up_in_time),
		cmocka_unit_test(duplicates_are_dropped),
		cmocka_unit_test(another_gen_or_layer_lets_all_leave),
		cmocka_unit_test(no_more_wait_than_may),
		cmocka_unit_test(flush_lets_all_leave),
		cmocka_unit_test(numbering_that_began_anew_is_followed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
