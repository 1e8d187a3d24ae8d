/* SPDX-License-Identifier: Apache-2.0 */
/* The packets that are kept to be sent again (core/router/in/cache.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "../../core/router/in/cache.h"

static struct pool *pool;
static struct cache *cache;
static unsigned total;

static int setup(void **state)
{
	(void)state;
	pool = pool_create("packets", sizeof(struct pkt), 100);
	cache = cache_create(16, &total);
	return !pool || !cache;
}

static int teardown(void **state)
{
	(void)state;
	cache_destroy(cache);
	assert_int_equal(pool_used(pool), 0); /* nothing leaks */
	assert_int_equal(total, 0);
	pool_destroy(pool);
	return 0;
}

static void put(unsigned seq, int64_t at_us)
{
	struct pkt *k = pkt_take(pool);
	assert_non_null(k);
	k->seq = (uint16_t)seq;
	k->at_us = at_us;
	cache_put(cache, k, 1000);
	pkt_drop(k);
}

static void gives_back_what_was_put(void **state)
{
	(void)state;
	for (unsigned i = 65530; i < 65540; i++)
		put(i, 0);
	for (unsigned i = 65530; i < 65540; i++)
		assert_int_equal(cache_get(cache, (uint16_t)i)->seq, (uint16_t)i);
	assert_null(cache_get(cache, 65529));
	assert_null(cache_get(cache, 4));
}

static void keeps_the_newest_when_full(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 40; i++)
		put(i, 0);
	assert_int_equal(pool_used(pool), 16);
	assert_null(cache_get(cache, 23));
	assert_non_null(cache_get(cache, 24));
	put(20, 0); /* too late to be of use */
	assert_null(cache_get(cache, 20));
	assert_int_equal(pool_used(pool), 16);
}

static void forgets_by_age(void **state)
{
	(void)state;
	put(1, 0);
	put(2, 500);
	put(3, 1400);
	assert_null(cache_get(cache, 1));
	assert_non_null(cache_get(cache, 2));
	cache_trim(cache, 1401);
	assert_int_equal(pool_used(pool), 0);
	put(4, 1500);
	assert_non_null(cache_get(cache, 4));
}

static void late_packets_find_their_place(void **state)
{
	(void)state;
	put(10, 0);
	put(13, 0);
	put(8, 0);
	put(12, 0);
	assert_non_null(cache_get(cache, 8));
	assert_non_null(cache_get(cache, 12));
	assert_null(cache_get(cache, 11));
	for (unsigned i = 14; i < 26; i++)
		put(i, 0);
	assert_null(cache_get(cache, 8));
	assert_non_null(cache_get(cache, 10));
}

static void a_jump_clears_it(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 10; i++)
		put(i, 0);
	put(5000, 0);
	assert_int_equal(pool_used(pool), 1);
	assert_null(cache_get(cache, 9));
	cache_clear(cache);
	assert_null(cache_get(cache, 5000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(gives_back_what_was_put, setup, teardown),
		cmocka_unit_test_setup_teardown(keeps_the_newest_when_full, setup, teardown),
		cmocka_unit_test_setup_teardown(forgets_by_age, setup, teardown),
		cmocka_unit_test_setup_teardown(late_packets_find_their_place, setup, teardown),
		cmocka_unit_test_setup_teardown(a_jump_clears_it, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
