/* SPDX-License-Identifier: Apache-2.0 */
/* What is counted of packets in (core/router/in/reception.c, core/router/rtcp/twcc_in.c):
 * losses, jitter, arrivals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "../../core/router/in/reception.h"
#include "../../core/router/rtcp/twcc_in.h"
#include "../../core/rtp/rtp.h"

static struct reception r;

static int setup(void **state)
{
	(void)state;
	memset(&r, 0, sizeof r);
	return 0;
}

static enum seq_verdict seen(unsigned seq)
{
	return reception_seen(&r, (uint16_t)seq, seq * 900, 90000, 1000000 + seq * 10000LL);
}

static void counts_losses_across_a_wrap(void **state)
{
	struct rtcp_block b;
	(void)state;
	for (unsigned i = 65500; i < 65600; i++)
		if (i % 10)
			assert_int_equal(seen(i), SEQ_OK);
	reception_block(&r, &b);
	assert_int_equal(b.lost, 9); /* the first, a ten, is not known to be missing */
	assert_int_equal(b.highest, 65599);
	assert_int_equal(b.fraction, 9 * 255 / 99);
	assert_int_equal(b.jitter, 0);
	for (unsigned i = 65600; i < 65620; i++)
		seen(i);
	reception_block(&r, &b);
	assert_int_equal(b.fraction, 0);
	assert_int_equal(b.lost, 9);
}

static void strays_count_as_nothing(void **state)
{
	(void)state;
	seen(100);
	assert_int_equal(seen(20000), SEQ_STRAY);
	assert_int_equal(seen(101), SEQ_OK);
	assert_int_equal(reception_lost(&r), 0);
	assert_int_equal(seen(20000), SEQ_STRAY);
	assert_int_equal(seen(20001), SEQ_RESTART);
	assert_int_equal(seen(20002), SEQ_OK);
	assert_int_equal(reception_lost(&r), 0);
}

static void jitter_is_that_of_rfc_3550(void **state)
{
	struct rtcp_block b;
	(void)state;
	for (unsigned i = 0; i < 400; i++) /* every second packet 2 ms late: |D| is 180 ticks */
		reception_seen(
			&r, (uint16_t)i, i * 900, 90000, 1000000 + i * 10000LL + (i & 1) * 2000);
	reception_block(&r, &b);
	assert_in_range(b.jitter, 170, 180);
}

/* ---- transport-wide feedback ---- */

static struct twcc t;
static uint8_t data[1200];
static unsigned covered, base;

static void collect(void *arg, const struct rtcp_item *it)
{
	(void)arg;
	if (it->kind != RTCP_TWCC)
		return;
	base = rd16(it->twcc.fci);
	covered = rd16(it->twcc.fci + 2);
}

static unsigned feedback(void)
{
	struct rtcp_buf b = { data, 0, sizeof data, false };
	unsigned n = twcc_write(&t, 1, 2, &b);
	covered = 0;
	if (n)
		assert_int_equal(rtcp_walk(data, b.len, collect, NULL), OK);
	return n;
}

static void feedback_covers_each_number_once(void **state)
{
	(void)state;
	memset(&t, 0, sizeof t);
	assert_int_equal(feedback(), 0);
	for (unsigned i = 65530; i < 65540; i++)
		assert_false(twcc_seen(&t, (uint16_t)i, 1000 * i));
	assert_true(feedback() > 0);
	assert_int_equal(base, 65530);
	assert_int_equal(covered, 10);
	assert_int_equal(feedback(), 0);
	twcc_seen(&t, 6, 99000000); /* 4 and 5 are missing: they are told of too */
	feedback();
	assert_int_equal(base, 4);
	assert_int_equal(covered, 3);
	twcc_seen(&t, 5, 99000500); /* and told again when they come */
	feedback();
	assert_int_equal(base, 5);
	assert_int_equal(covered, 2);
	twcc_seen(&t, 5, 99000900);
	assert_int_equal(feedback(), 0);
}

static void feedback_is_asked_for_before_it_overflows(void **state)
{
	bool asked = false;
	unsigned i = 0, total = 0;
	(void)state;
	memset(&t, 0, sizeof t);
	for (; !asked && i < 1000; i++)
		asked = twcc_seen(&t, (uint16_t)i, 1000 * i);
	assert_int_equal(i, TWCC_MESSAGE);
	while (feedback())
		total += covered;
	assert_int_equal(total, TWCC_MESSAGE);
	twcc_seen(&t, 30000, 0); /* a jump is no gap of thousands */
	feedback();
	assert_int_equal(covered, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(counts_losses_across_a_wrap, setup),
		cmocka_unit_test_setup(strays_count_as_nothing, setup),
		cmocka_unit_test_setup(jitter_is_that_of_rfc_3550, setup),
		cmocka_unit_test(feedback_covers_each_number_once),
		cmocka_unit_test(feedback_is_asked_for_before_it_overflows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
