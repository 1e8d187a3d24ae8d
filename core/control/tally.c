/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>
#include "../base/address.h"
#include "../base/rand.h"
#include "tally.h"

#define KEPT 256 /* entries that may stay with nothing counted: most who come have come before */

/* Clients choose addresses: without a secret they could choose those that meet in one bucket. */
static uint64_t secret;

guint tally_hash(gconstpointer key)
{
	const struct cardea_address *a = key;
	uint64_t w[2];
	memcpy(w, a->bytes, sizeof w);
	uint64_t h = (w[0] ^ secret) * 0x9e3779b97f4a7c15u;
	h = (h ^ h >> 29 ^ w[1]) * 0xbf58476d1ce4e5b9u;
	return (guint)(h ^ h >> 32);
}

static gboolean equal(gconstpointer a, gconstpointer b)
{
	return memcmp(a, b, sizeof(struct cardea_address)) == 0;
}

/* Found by its address, which comes first. */
struct entry {
	struct cardea_address whose;
	unsigned n;
};

GHashTable *tally_create(void)
{
	while (!secret) /* before there is a thread that could see it change */
		rand_bytes(&secret, sizeof secret);
	return g_hash_table_new_full(tally_hash, equal, g_free, NULL);
}

unsigned tally_of(GHashTable *t, const struct cardea_address *whose)
{
	const struct entry *e = g_hash_table_lookup(t, whose);
	return e ? e->n : 0;
}

bool tally_add_below(GHashTable *t, const struct cardea_address *whose, unsigned n, unsigned most)
{
	struct entry *e = g_hash_table_lookup(t, whose);
	if (address_is_none(whose))
		return true;
	if (e && e->n >= most)
		return false;
	if (!e) {
		e = g_new(struct entry, 1);
		*e = (struct entry){ *whose, 0 };
		g_hash_table_add(t, e);
	}
	e->n += n;
	return true;
}

void tally_add(GHashTable *t, const struct cardea_address *whose, unsigned n)
{
	tally_add_below(t, whose, n, UINT_MAX);
}

void tally_drop(GHashTable *t, const struct cardea_address *whose, unsigned n)
{
	struct entry *e = g_hash_table_lookup(t, whose);
	assert(address_is_none(whose) || (e && e->n >= n));
	if (e && !(e->n -= n) && g_hash_table_size(t) > KEPT)
		g_hash_table_remove(t, e);
}
