/* SPDX-License-Identifier: Apache-2.0 */
/* Ids of slot and generation (core/base/id.c): what an old one, a strange one and a full table
 * find. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../core/base/id.h"

static int things[1000];

static void finds_what_it_was_given(void **state)
{
	struct ids *t = ids_create(1000);
	uint64_t id[1000];
	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_int_not_equal(id[i] = ids_take(t, &things[i]), 0);
	for (int i = 0; i < 1000; i++)
		assert_ptr_equal(ids_get(t, id[i]), &things[i]);
	assert_int_equal(ids_count(t), 1000);
	ids_destroy(t);
}

static void finds_nothing_by_an_old_id(void **state)
{
	struct ids *t = ids_create(4);
	uint64_t old = ids_take(t, &things[0]), fresh;
	(void)state;
	ids_free(t, old);
	assert_null(ids_get(t, old));
	fresh = ids_take(t, &things[1]);
	assert_int_equal(ID_SLOT(fresh), ID_SLOT(old));
	assert_int_not_equal(fresh, old);
	assert_null(ids_get(t, old));
	ids_free(t, old); /* stale: changes nothing */
	assert_ptr_equal(ids_get(t, fresh), &things[1]);
	assert_int_equal(ids_count(t), 1);
	ids_destroy(t);
}

static void finds_nothing_by_ids_never_given(void **state)
{
	struct ids *t = ids_create(4);
	(void)state;
	assert_null(ids_get(t, 0));
	ids_take(t, &things[0]);
	assert_null(ids_get(t, 0));
	assert_null(ids_get(t, UINT64_MAX));
	assert_null(ids_get(t, (1ULL << 32) + 1)); /* a slot made, but free */
	ids_free(t, 0);
	ids_free(t, (1ULL << 32) + 1);
	assert_int_equal(ids_count(t), 1);
	ids_destroy(t);
}

static void refuses_beyond_its_limit_until_one_is_free(void **state)
{
	struct ids *t = ids_create(10);
	uint64_t id = 0;
	(void)state;
	for (int i = 0; i < 10; i++)
		id = ids_take(t, &things[i]);
	assert_int_equal(ids_take(t, &things[10]), 0);
	ids_free(t, id);
	assert_int_not_equal(ids_take(t, &things[10]), 0);
	assert_int_equal(ids_take(t, &things[11]), 0);
	ids_destroy(t);
}

static void walks_the_live_ones_even_while_they_are_freed(void **state)
{
	struct ids *t = ids_create(100);
	uint64_t id[20];
	uint32_t slot = 0;
	unsigned n = 0;
	void *obj;
	(void)state;
	for (int i = 0; i < 20; i++)
		id[i] = ids_take(t, &things[i]);
	ids_free(t, id[3]);
	while ((obj = ids_next(t, &slot))) {
		assert_ptr_not_equal(obj, &things[3]);
		ids_free(t, id[(int *)obj - things]);
		n++;
	}
	assert_int_equal(n, 19);
	assert_int_equal(ids_count(t), 0);
	ids_destroy(t);
}

static void destroys_nothing_at_all(void **state)
{
	(void)state;
	ids_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_it_was_given),
		cmocka_unit_test(finds_nothing_by_an_old_id),
		cmocka_unit_test(finds_nothing_by_ids_never_given),
		cmocka_unit_test(refuses_beyond_its_limit_until_one_is_free),
		cmocka_unit_test(walks_the_live_ones_even_while_they_are_freed),
		cmocka_unit_test(destroys_nothing_at_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
