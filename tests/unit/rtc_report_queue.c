/* SPDX-License-Identifier: Apache-2.0 */
/* Reports of media when control does not read, or when there are too many of one peer. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "../../core/rtc/report_queue.h"

#define PEER  7
#define OTHER 8

static struct queue *reports;
static struct report heard[64];
static unsigned n_heard;

static void hear(void *arg, const void *rec, size_t len)
{
	const struct report *r = rec;
	(void)arg;
	assert_int_equal(len, report_len(r->type));
	if (n_heard < sizeof(heard) / sizeof(*heard))
		memcpy(&heard[n_heard], rec, len);
	n_heard++;
}

static void read_all(void)
{
	n_heard = 0;
	queue_drain(reports, hear, NULL);
}

static struct report of(uint64_t peer, enum report_type type)
{
	struct report r = { .type = type, .worker = 3, .peer = peer };
	return r;
}

static bool receiving(struct report_queue *n, unsigned mindex, int substream, bool on)
{
	struct report r = of(PEER, REP_RECEIVING);
	r.receiving.mindex = (uint16_t)mindex;
	r.receiving.substream = (int8_t)substream;
	r.receiving.on = on;
	r.receiving.seconds = on ? 0 : 5;
	return report_queue_push(n, reports, &r);
}

static bool layer(struct report_queue *n, int substream)
{
	struct report r = of(PEER, REP_LAYER);
	r.layer.mindex = 1;
	r.layer.substream = (int8_t)substream;
	r.layer.temporal = 2;
	r.layer.spatial = -1;
	return report_queue_push(n, reports, &r);
}

static void fill_up(void)
{
	const struct report r = of(OTHER, REP_RETIRED);
	while (!queue_push(reports, &r, report_len(REP_RETIRED)))
		;
}

static void says_the_newest_of_each_kind_when_there_is_room(void **state)
{
	struct report_queue n = { 0 };
	struct report r;
	(void)state;
	reports = queue_create("reports", 2048);
	assert_true(layer(&n, 0));
	fill_up();
	assert_false(layer(&n, 1));
	assert_false(receiving(&n, 1, -1, true));
	assert_false(receiving(&n, 1, 2, true));
	assert_false(receiving(&n, 1, -1, false));
	assert_false(layer(&n, 2));
	r = of(PEER, REP_TALKING);
	r.talking.mindex = 1;
	r.talking.talks = 1;
	r.talking.avg = 30.5;
	assert_false(report_queue_push(&n, reports, &r));
	r = of(PEER, REP_ESTIMATE);
	r.estimate.bps = 1234;
	assert_false(report_queue_push(&n, reports, &r));
	for (unsigned i = 0; i < 2; i++) {
		r = of(PEER, REP_SLOW_LINK);
		r.slow_link.mindex = 1;
		r.slow_link.uplink = i == 0;
		r.slow_link.lost = 10 + i;
		assert_false(report_queue_push(&n, reports, &r));
	}
	for (unsigned i = 0; i < 3; i++) {
		r = of(PEER, REP_WHY);
		r.why.mindex = i == 2 ? WHY_OF_PEER : 1;
		r.why.sends = i == 1;
		r.why.why.code = (uint8_t)(WHY_PAUSED + i);
		assert_false(report_queue_push(&n, reports, &r));
	}
	assert_false(report_queue_flush(&n, reports, PEER, 3));
	read_all();
	/* room again, but what waits goes first */
	assert_false(layer(&n, 0));
	read_all();
	assert_int_equal(n_heard, 0);
	assert_true(report_queue_flush(&n, reports, PEER, 3));
	assert_true(report_queue_flush(&n, reports, PEER, 3));
	read_all();
	assert_int_equal(n_heard, 10);
	for (unsigned i = 0; i < n_heard; i++) {
		assert_int_equal(heard[i].peer, PEER);
		assert_int_equal(heard[i].worker, 3);
	}
	assert_int_equal(heard[0].receiving.substream, -1);
	assert_false(heard[0].receiving.on);
	assert_int_equal(heard[0].receiving.seconds, 5);
	assert_int_equal(heard[1].receiving.substream, 2);
	assert_true(heard[1].receiving.on);
	assert_int_equal(heard[2].type, REP_LAYER);
	assert_int_equal(heard[2].layer.mindex, 1);
	assert_int_equal(heard[2].layer.substream, 0);
	assert_int_equal(heard[2].layer.spatial, -1);
	assert_true(heard[3].talking.talks);
	assert_true(heard[3].talking.avg == 30.5);
	assert_int_equal(heard[4].slow_link.lost, 10);
	assert_true(heard[4].slow_link.uplink);
	assert_int_equal(heard[5].slow_link.lost, 11);
	assert_int_equal(heard[6].why.why.code, WHY_PAUSED);
	assert_false(heard[6].why.sends);
	assert_int_equal(heard[7].why.why.code, WHY_PAUSED + 1);
	assert_true(heard[7].why.sends);
	assert_int_equal(heard[8].estimate.bps, 1234);
	assert_int_equal(heard[9].why.mindex, WHY_OF_PEER);
	assert_int_equal(heard[9].why.why.code, WHY_PAUSED + 2);
	assert_true(layer(&n, 1));
	queue_destroy(reports);
	report_queue_clear(&n);
}

static void one_peer_leaves_room_for_the_others(void **state)
{
	struct report_queue loud = { 0 }, quiet = { 0 };
	unsigned taken = 0;
	(void)state;
	reports = queue_create("reports", 1 << 20);
	while (layer(&loud, taken % 3))
		taken++;
	assert_in_range(taken, 256, 1024);
	assert_true(receiving(&quiet, 0, -1, true));
	read_all();
	assert_int_equal(n_heard, taken + 1);
	assert_true(report_queue_flush(&loud, reports, PEER, 3));
	read_all();
	assert_int_equal(n_heard, 1);
	assert_int_equal(heard[0].layer.substream, taken % 3);
	queue_destroy(reports);
}

static void takes_no_more_memory_than_there_are_lines(void **state)
{
	struct report_queue n = { 0 };
	(void)state;
	reports = queue_create("reports", 64);
	fill_up();
	for (unsigned i = 0; i < 100000; i++)
		receiving(
			&n, i % 65536, (int)(i % 9) - 4, true); /* also such as there are none of */
	assert_false(report_queue_flush(&n, reports, PEER, 0));
	report_queue_clear(&n);
	queue_destroy(reports);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_the_newest_of_each_kind_when_there_is_room),
		cmocka_unit_test(one_peer_leaves_room_for_the_others),
		cmocka_unit_test(takes_no_more_memory_than_there_are_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
