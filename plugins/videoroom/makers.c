/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include "makers.h"

static GHashTable *rooms_of; /* maker → how many */

void makers_start(void)
{
	rooms_of = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
}

void makers_stop(void)
{
	g_clear_pointer(&rooms_of, g_hash_table_destroy);
}

unsigned makers_rooms(uint64_t maker)
{
	return GPOINTER_TO_UINT(g_hash_table_lookup(rooms_of, &maker));
}

void makers_count(uint64_t maker, int by)
{
	unsigned n = makers_rooms(maker) + (unsigned)by;

	if (!maker)
		return;
	if (n)
		g_hash_table_replace(
			rooms_of, g_memdup2(&maker, sizeof maker), GUINT_TO_POINTER(n));
	else
		g_hash_table_remove(rooms_of, &maker);
}
