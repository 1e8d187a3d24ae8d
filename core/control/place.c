/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <stdlib.h>
#include "place.h"

/* Peers by worker, of all and of each key. */
static unsigned n_workers, per_worker;
static unsigned *all;
static GHashTable *keys; /* of guint64 to unsigned[n_workers] */

void place_setup(unsigned workers, unsigned together)
{
	n_workers = workers;
	per_worker = together;
	all = g_new0(unsigned, workers);
	keys = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
}

void place_end(void)
{
	g_clear_pointer(&keys, g_hash_table_unref);
	g_clear_pointer(&all, g_free);
}

static unsigned *of_key(uint64_t key)
{
	unsigned *n = g_hash_table_lookup(keys, &key);
	if (!n) {
		n = g_new0(unsigned, n_workers);
		g_hash_table_insert(keys, g_memdup2(&key, sizeof key), n);
	}
	return n;
}

static unsigned least(const unsigned *n)
{
	unsigned best = 0;
	for (unsigned w = 1; w < n_workers; w++)
		if (n[w] < n[best])
			best = w;
	return best;
}

/* A worker of the key's that has room; else the emptiest that has none of it; else where it has
 * fewest. */
static unsigned choose(const unsigned *mine)
{
	unsigned best = n_workers;
	for (unsigned w = 0; w < n_workers; w++)
		if (mine[w] && mine[w] < per_worker)
			return w;
	for (unsigned w = 0; w < n_workers; w++)
		if (!mine[w] && (best == n_workers || all[w] < all[best]))
			best = w;
	return best < n_workers ? best : least(mine);
}

unsigned place_take(uint64_t key)
{
	unsigned *mine = key ? of_key(key) : NULL, w = mine ? choose(mine) : least(all);
	all[w]++;
	if (mine)
		mine[w]++;
	return w;
}

void place_give(uint64_t key, unsigned worker)
{
	unsigned *mine = key ? g_hash_table_lookup(keys, &key) : NULL;
	all[worker]--;
	if (!mine)
		return;
	mine[worker]--;
	for (unsigned w = 0; w < n_workers; w++)
		if (mine[w])
			return;
	g_hash_table_remove(keys, &key);
}
