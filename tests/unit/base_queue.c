/* SPDX-License-Identifier: Apache-2.0 */
/* Queues between threads (core/base/queue.c): order, bounds, and one wake-up for a batch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/eventfd.h>
#include <cmocka.h>
#include "../../core/base/clock.h"
#include "../../core/base/loop.h"
#include "../../core/base/queue.h"

#define SHARE_MAX 100
#define N_THREADS 4
#define N_EACH    20000

static unsigned seen;

static void expect_in_order(void *arg, const void *rec, size_t len)
{
	unsigned char want[300];
	unsigned i = seen++;
	(void)arg;
	assert_int_equal((uintptr_t)rec % 16, 0);
	assert_int_equal(len, i % 300);
	memset(want, (int)i, len);
	assert_memory_equal(rec, want, len);
}

static void push_numbered(struct queue *q, unsigned n)
{
	unsigned char rec[300];
	for (unsigned i = 0; i < n; i++) {
		memset(rec, (int)i, i % 300);
		assert_int_equal(queue_push(q, rec, i % 300), OK);
	}
}

static bool is_readable(const struct queue *q)
{
	struct pollfd p = { .fd = queue_fd(q), .events = POLLIN };
	return poll(&p, 1, 0) == 1;
}

static void keeps_order_and_alignment_within_a_batch(void **state)
{
	struct queue *q = queue_create("test", 1 << 20);
	(void)state;
	seen = 0;
	push_numbered(q, 2000);
	assert_int_equal(queue_drain(q, expect_in_order, NULL), 2000);
	assert_int_equal(seen, 2000);
	assert_int_equal(queue_drain(q, expect_in_order, NULL), 0);
	queue_destroy(q);
}

static void expect_whole(void *arg, const void *rec, size_t len)
{
	(void)arg;
	seen++;
	assert_int_equal(len, 11);
	assert_memory_equal(rec, "one and two", 11);
}

static void makes_one_record_of_parts(void **state)
{
	struct queue *q = queue_create("test", 100);
	struct queue_share share = { 0 };
	const struct iovec parts[] = { { (void *)"one", 3 }, { NULL, 0 },
		{ (void *)" and two", 8 } };
	(void)state;
	seen = 0;
	assert_int_equal(queue_push_parts(q, NULL, 0, parts, 3), OK);
	assert_int_equal(queue_push_parts(q, &share, 40, parts, 3), OK);
	assert_int_equal(queue_push_parts(q, &share, 40, parts, 3), ERR_FULL);
	assert_int_equal(queue_drain(q, expect_whole, NULL), 2);
	assert_int_equal(seen, 2);
	queue_destroy(q);
}

static void stays_right_when_its_buffers_shrink_and_grow(void **state)
{
	struct queue *q = queue_create("test", 1 << 20);
	static const unsigned sizes[] = { 3, 3000, 1, 2, 3000, 3000, 5, 5, 5, 2000 };
	(void)state;
	for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		seen = 0;
		push_numbered(q, sizes[i]);
		assert_int_equal(queue_drain(q, expect_in_order, NULL), sizes[i]);
	}
	queue_destroy(q);
}

static void wakes_once_for_a_batch(void **state)
{
	struct queue *q = queue_create("test", 1 << 20);
	eventfd_t n;
	(void)state;
	assert_false(is_readable(q));
	push_numbered(q, 10);
	assert_int_equal(eventfd_read(queue_fd(q), &n), 0);
	assert_int_equal(n, 1);
	seen = 0;
	assert_int_equal(queue_drain(q, expect_in_order, NULL), 10);
	push_numbered(q, 1); /* and again for the next */
	assert_true(is_readable(q));
	seen = 0;
	queue_drain(q, expect_in_order, NULL);
	assert_false(is_readable(q));
	queue_destroy(q);
}

static void ignore(void *arg, const void *rec, size_t len)
{
	(void)arg;
	(void)rec;
	(void)len;
}

static void refuses_and_counts_beyond_its_bound(void **state)
{
	struct queue *q = queue_create("test", 1024);
	char rec[100] = { 0 };
	unsigned n = 0;
	(void)state;
	while (queue_push(q, rec, sizeof rec) == OK)
		assert_true(++n < 11);
	assert_true(n >= 7);
	assert_int_equal(queue_push(q, rec, sizeof rec), ERR_FULL);
	assert_int_equal(queue_refused(q), 2);
	assert_int_equal(queue_drain(q, ignore, NULL), n);
	assert_int_equal(queue_push(q, rec, sizeof rec), OK);
	assert_int_equal(queue_push(q, rec, SIZE_MAX), ERR_FULL); /* no sum may overflow */
	assert_int_equal(queue_push(q, rec, SIZE_MAX - 20), ERR_FULL);
	assert_int_equal(queue_refused(q), 4);
	queue_destroy(q);
}

static void push_back(void *arg, const void *rec, size_t len)
{
	assert_int_equal(queue_push(arg, rec, len), OK);
	seen++;
}

static void keeps_what_the_consumer_pushes_for_the_next_batch(void **state)
{
	struct queue *q = queue_create("test", 4096);
	(void)state;
	seen = 0;
	queue_push(q, "abc", 4);
	assert_int_equal(queue_drain(q, push_back, q), 1);
	assert_int_equal(seen, 1);
	assert_true(is_readable(q));
	assert_int_equal(queue_drain(q, ignore, NULL), 1);
	queue_destroy(q);
}

struct numbered {
	unsigned thread, i;
};
struct crowd {
	struct queue *q;
	struct loop *l;
	unsigned next[N_THREADS], total;
};
struct producer {
	struct queue *q;
	unsigned thread;
};

static void *produce(void *arg)
{
	struct producer *p = arg;
	for (unsigned i = 0; i < N_EACH;) {
		struct numbered rec = { p->thread, i };
		if (queue_push(p->q, &rec, sizeof rec) == OK)
			i++;
		else
			sched_yield();
	}
	return NULL;
}

static void consume(void *arg, const void *rec, size_t len)
{
	struct crowd *c = arg;
	const struct numbered *n = rec;
	assert_int_equal(len, sizeof *n);
	assert_int_equal(n->i, c->next[n->thread]++);
	if (++c->total == N_THREADS * N_EACH)
		loop_stop(c->l);
}

static void loses_nothing_between_threads(void **state)
{
	struct crowd c = { queue_create("test", 16384), loop_create("test"), { 0 }, 0 };
	struct producer p[N_THREADS];
	pthread_t thread[N_THREADS];
	(void)state;
	assert_int_equal(queue_attach(c.q, c.l, consume, &c), OK);
	for (unsigned i = 0; i < N_THREADS; i++) {
		p[i] = (struct producer){ c.q, i };
		pthread_create(&thread[i], NULL, produce, &p[i]);
	}
	loop_run(c.l);
	for (unsigned i = 0; i < N_THREADS; i++)
		pthread_join(thread[i], NULL);
	assert_int_equal(c.total, N_THREADS * N_EACH);
	assert_false(is_readable(c.q));
	queue_destroy(c.q);
	loop_destroy(c.l);
}

static void gives_none_more_than_its_share_of_a_batch(void **state)
{
	struct queue *q = queue_create("test", 200); /* six records of 16 bytes */
	struct queue_share a = { 0 }, b = { 0 };
	const char rec[16] = "";
	(void)state;
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < 3; i++)
			assert_int_equal(queue_push_share(q, &a, SHARE_MAX, rec, sizeof rec), OK);
		assert_int_equal(queue_push_share(q, &a, SHARE_MAX, rec, sizeof rec), ERR_FULL);
		for (unsigned i = 0; i < 2; i++)
			assert_int_equal(queue_push_share(q, &b, SHARE_MAX, rec, sizeof rec), OK);
		assert_int_equal(queue_push(q, rec, sizeof rec), OK);
		/* a share is no promise */
		assert_int_equal(queue_push_share(q, &b, SHARE_MAX, rec, sizeof rec), ERR_FULL);
		assert_int_equal(queue_refused(q), 2 * (round + 1));
		assert_int_equal(queue_drain(q, ignore, NULL), 6);
	}
	assert_int_equal(queue_push_share(q, &a, 31, rec, sizeof rec), ERR_FULL);
	queue_destroy(q);
}

/* ---- turns that are bounded ---- */

struct slow {
	int64_t now_us;
	unsigned next, others;
};

static void take_4_ms(void *arg, const void *rec, size_t len)
{
	struct slow *s = arg;
	(void)len;
	assert_int_equal(*(const unsigned *)rec, s->next++);
	clock_fake(s->now_us += 4000);
}

static void count_other(void *arg, const void *rec, size_t len)
{
	(void)rec, (void)len;
	((struct slow *)arg)->others++;
}

static void count_all(void *arg, const void *rec, size_t len)
{
	(void)rec, (void)len;
	++*(unsigned *)arg;
}

static void keeps_room_for_what_must_not_be_refused(void **state)
{
	struct queue *q = queue_create("test", 8 * 48);
	uint8_t rec[24] = { 0 };
	unsigned n = 0;
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(queue_reserve(q, sizeof rec), OK);
	for (unsigned batch = 0; batch < 2; batch++) {
		for (unsigned i = 0; i < 5; i++)
			assert_int_equal(queue_push(q, rec, sizeof rec), OK);
		assert_int_equal(queue_push(q, rec, 0), ERR_FULL);
		assert_int_equal(queue_reserve(q, 0), ERR_FULL);
		if (batch == 0)
			queue_drain(q, count_all, &n);
	}
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(queue_push_reserved(q, rec, sizeof rec), OK);
	queue_drain(q, count_all, &n);
	assert_int_equal(n, 5 + 5 + 3);
	assert_int_equal(queue_reserve(q, 8 * 48 - 16), OK); /* nothing is kept any more */
	assert_int_equal(queue_push(q, rec, 0), ERR_FULL);
	queue_destroy(q);
}

static void push_number(struct queue *q, unsigned n)
{
	assert_int_equal(queue_push(q, &n, sizeof n), OK);
}

static void leaves_a_turn_to_others_when_its_time_is_over(void **state)
{
	struct slow s = { .now_us = 1000000 };
	clock_fake(s.now_us);
	struct loop *l = loop_create("test");
	struct queue *q = queue_create("test", 4096), *other = queue_create("other", 4096);
	(void)state;
	assert_int_equal(queue_attach_for(q, l, take_4_ms, &s, 10000), OK);
	assert_int_equal(queue_attach(other, l, count_other, &s), OK);
	for (unsigned i = 0; i < 7; i++)
		push_number(q, i);
	push_number(other, 0);
	loop_turn(l, s.now_us);
	assert_int_equal(s.next, 3); /* 12 ms */
	assert_int_equal(s.others, 1);
	push_number(q, 7); /* comes behind what is left */
	loop_turn(l, s.now_us);
	assert_int_equal(s.next, 6);
	loop_turn(l, s.now_us);
	assert_int_equal(s.next, 8);
	assert_false(is_readable(q));
	for (unsigned i = 8; i < 12; i++)
		push_number(q, i);
	loop_turn(l, s.now_us);
	assert_int_equal(s.next, 11);
	/* all that is left, at the end of a server */
	assert_int_equal(queue_drain(q, take_4_ms, &s), 1);
	for (unsigned i = 12; i < 16; i++)
		push_number(q, i);
	loop_turn(l, s.now_us);
	queue_destroy(q); /* with one left */
	queue_destroy(other);
	loop_destroy(l);
	clock_fake(-1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_order_and_alignment_within_a_batch),
		cmocka_unit_test(makes_one_record_of_parts),
		cmocka_unit_test(stays_right_when_its_buffers_shrink_and_grow),
		cmocka_unit_test(wakes_once_for_a_batch),
		cmocka_unit_test(refuses_and_counts_beyond_its_bound),
		cmocka_unit_test(gives_none_more_than_its_share_of_a_batch),
		cmocka_unit_test(keeps_room_for_what_must_not_be_refused),
		cmocka_unit_test(keeps_what_the_consumer_pushes_for_the_next_batch),
		cmocka_unit_test(loses_nothing_between_threads),
		cmocka_unit_test(leaves_a_turn_to_others_when_its_time_is_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
