/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <string.h>
#include <cardea/plugin.h>
#include "allowed.h"
#include "errors.h"

/* A token is found by its HMAC under a key of this process's own. Where two of those differ depends
 * on nothing that somebody who guesses tokens could know, so that the look-up may be an ordinary
 * one, however many there are. */
struct allowed {
	GHashTable *by_mac; /* hexadecimal → token */
};

static guchar key[32];
static unsigned n_all;

static char *mac_of(const char *token)
{
	return g_compute_hmac_for_string(G_CHECKSUM_SHA256, key, sizeof key, token, -1);
}

struct allowed *allowed_new(void)
{
	static const guchar none[sizeof key];
	struct allowed *t = g_new0(struct allowed, 1);
	if (memcmp(key, none, sizeof key) == 0)
		cardea_random(key, sizeof key);
	t->by_mac = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	return t;
}

void allowed_free(struct allowed *t)
{
	if (!t)
		return;
	n_all -= g_hash_table_size(t->by_mac);
	g_hash_table_destroy(t->by_mac);
	g_free(t);
}

bool allowed_add(struct allowed *t, const json_t *list, struct cardea_error *e)
{
	const json_t *token;
	size_t i, n = json_array_size(list);
	if (g_hash_table_size(t->by_mac) + n > ALLOWED_MAX)
		return cardea_fail(e, E_INVALID,
			"Invalid element (allowed has more than %d tokens)", ALLOWED_MAX);
	if (n_all + n > ALLOWED_ALL)
		return cardea_fail(e, E_INVALID,
			"Invalid element (allowed: all rooms have more than %d tokens)",
			ALLOWED_ALL);
	json_array_foreach(list, i, token) {
		const char *text = json_string_value(token);
		n_all += g_hash_table_replace(t->by_mac, mac_of(text), g_strdup(text));
	}
	return true;
}

void allowed_remove(struct allowed *t, const json_t *list)
{
	const json_t *token;
	size_t i;
	json_array_foreach(list, i, token) {
		g_autofree char *mac = mac_of(json_string_value(token));
		n_all -= g_hash_table_remove(t->by_mac, mac);
	}
}

bool allowed_has(const struct allowed *t, const char *token)
{
	g_autofree char *mac = token ? mac_of(token) : NULL;
	return mac && g_hash_table_contains(t->by_mac, mac);
}

static gint by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

json_t *allowed_json(const struct allowed *t)
{
	GHashTableIter it;
	void *token;
	json_t *list = json_array();
	g_autoptr(GPtrArray) all = g_ptr_array_new();
	g_hash_table_iter_init(&it, t->by_mac);
	while (g_hash_table_iter_next(&it, NULL, &token))
		g_ptr_array_add(all, token);
	g_ptr_array_sort(all, by_text);
	for (unsigned i = 0; i < all->len; i++)
		json_array_append_new(list, json_string(all->pdata[i]));
	return list;
}
