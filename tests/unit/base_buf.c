/* SPDX-License-Identifier: Apache-2.0 */
/* Pools and the packets made from them (core/base/buf.c): limits, references, and the order of
 * reuse. One thread, as in a worker. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "../../core/base/buf.h"

static void gives_aligned_memory_that_does_not_overlap(void **state)
{
	struct pool *p = pool_create("test", 50, 5000);
	static unsigned char *obj[5000];
	(void)state;
	for (int i = 0; i < 5000; i++) {
		assert_non_null(obj[i] = pool_take(p));
		assert_int_equal((uintptr_t)obj[i] % 16, 0);
		memset(obj[i], i, 50);
	}
	for (int i = 0; i < 5000; i++)
		for (int k = 0; k < 50; k++)
			assert_int_equal(obj[i][k], (unsigned char)i);
	pool_destroy(p);
}

static void is_empty_at_its_limit_until_one_comes_back(void **state)
{
	struct pool *p = pool_create("test", 100000, 3); /* larger than half a chunk */
	void *last = NULL;
	(void)state;
	for (int i = 0; i < 3; i++)
		assert_non_null(last = pool_take(p));
	assert_null(pool_take(p));
	assert_int_equal(pool_used(p), 3);
	pool_give(p, last);
	assert_int_equal(pool_used(p), 2);
	assert_ptr_equal(pool_take(p), last);
	assert_null(pool_take(p));
	pool_give(p, NULL);
	assert_int_equal(pool_used(p), 3);
	pool_destroy(p);
}

static void hands_out_the_warmest_first(void **state)
{
	struct pool *p = pool_create("test", 32, 100);
	void *a = pool_take(p), *b = pool_take(p);
	(void)state;
	pool_give(p, a);
	pool_give(p, b);
	assert_ptr_equal(pool_take(p), b);
	assert_ptr_equal(pool_take(p), a);
	pool_destroy(p);
}

static void gives_a_packet_back_with_its_last_reference(void **state)
{
	struct pool *p = pool_create("pkt", sizeof(struct pkt), 2);
	struct pkt *k = pkt_take(p);
	(void)state;
	assert_int_equal(k->refs, 1);
	assert_ptr_equal(pkt_ref(k), k);
	pkt_drop(k);
	assert_int_equal(pool_used(p), 1);
	pkt_drop(k);
	assert_int_equal(pool_used(p), 0);
	pkt_drop(NULL);
	pool_destroy(p);
}

static void cleans_the_fields_of_a_reused_packet(void **state)
{
	struct pool *p = pool_create("pkt", sizeof(struct pkt), 1);
	struct pkt *k = pkt_take(p);
	(void)state;
	k->ssrc = 1;
	k->len = 2;
	k->marker = true;
	k->ext_off[15] = 3;
	k->ext_len[15] = 4;
	k->at_us = 5;
	pkt_drop(k);
	assert_ptr_equal(pkt_take(p), k);
	assert_int_equal(
		k->ssrc | k->len | k->marker | k->ext_off[15] | k->ext_len[15] | k->at_us, 0);
	assert_null(pkt_take(p));
	pool_destroy(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_aligned_memory_that_does_not_overlap),
		cmocka_unit_test(is_empty_at_its_limit_until_one_comes_back),
		cmocka_unit_test(hands_out_the_warmest_first),
		cmocka_unit_test(gives_a_packet_back_with_its_last_reference),
		cmocka_unit_test(cleans_the_fields_of_a_reused_packet),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
