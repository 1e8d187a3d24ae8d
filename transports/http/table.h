/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/** @file
 * Things found by number. The item is the first member of the thing, which stays its owner's. One
 * thread. */
struct item {
	uint64_t key;
	struct item *next;
};

struct table {
	struct item **slots;
	unsigned n_slots, n_items; /**< n_slots: a power of two */
};

/** @return false when there is no memory. The key must not be there yet. */
bool table_put(struct table *t, struct item *i);
void *table_get(const struct table *t, uint64_t key);
void table_remove(struct table *t, struct item *i);
/** Call @p each for all items, which it may free, and become empty. */
void table_clear(struct table *t, void (*each)(struct item *i));
