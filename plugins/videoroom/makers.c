/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include "makers.h"

static GHashTable *rooms_of; /* whose → how many */

void makers_start(void)
{
	rooms_of = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
}

void makers_stop(void)
{
	g_clear_pointer(&rooms_of, g_hash_table_destroy);
}

unsigned makers_rooms(uint64_t whose)
{
	return GPOINTER_TO_UINT(g_hash_table_lookup(rooms_of, &whose));
}

void makers_count(uint64_t whose, int by)
{
	unsigned n = makers_rooms(whose) + (unsigned)by;

	if (!whose)
		return;
	if (n)
		g_hash_table_replace(
			rooms_of, g_memdup2(&whose, sizeof whose), GUINT_TO_POINTER(n));
	else
		g_hash_table_remove(rooms_of, &whose);
}
