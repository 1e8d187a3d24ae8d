/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include "../base/log.h"
#include "../base/metric.h"
#include "../base/rand.h"
#include "sign.h"
#include "token_store.h"
#include "tokens.h"

/* What is told of a token, {"token", "allowed_plugins"}, is never changed but replaced: answers and
 * the file share it. */
struct token {
	uint8_t digest[SIGN_SHA256_LEN];
	json_t *entry, *plugins; /* the latter inside the former */
	GList link;              /* in order */
};

static struct {
	GHashTable *all; /* of struct token, by digest; NULL: not started */
	GQueue order;
	unsigned max;
	uint8_t key[SIGN_SHA256_LEN];
} set;

static struct metric n_tokens = { .name = "cardea_control_tokens", .help = "Stored tokens now." };

/* ---- looking up ---- */

/* Part of a digest that nobody can choose: as good as a hash of it. */
static guint hash(gconstpointer digest)
{
	guint h;
	memcpy(&h, digest, sizeof h);
	return h;
}

static gboolean same(gconstpointer a, gconstpointer b)
{
	return sign_same_sha256(a, b);
}

static bool digest_of(uint8_t out[SIGN_SHA256_LEN], const char *token)
{
	size_t len = token ? strlen(token) : 0;
	return len && len <= TOKEN_MAX &&
	       sign_hmac_sha256(out, set.key, sizeof set.key, token, len);
}

static struct token *find(const char *token)
{
	uint8_t digest[SIGN_SHA256_LEN];
	return set.all && digest_of(digest, token) ? g_hash_table_lookup(set.all, digest) : NULL;
}

static json_t *plugins_of(const struct token *t)
{
	return t->plugins;
}

static void package_of(char out[80], const char *plugin)
{
	snprintf(out, 80, "janus.plugin.%.60s", plugin);
}

static bool lists(const json_t *packages, const char *package)
{
	size_t i;
	json_t *p;
	json_array_foreach(packages, i, p)
		if (strcmp(json_string_value(p), package) == 0)
			return true;
	return false;
}

bool tokens_has(const char *token)
{
	return find(token) != NULL;
}

bool tokens_may_use(const char *token, const char *plugin)
{
	char package[80];
	const struct token *t = find(token);
	package_of(package, plugin);
	return t && lists(plugins_of(t), package);
}

const json_t *tokens_plugins(const char *token)
{
	const struct token *t = find(token);
	return t ? plugins_of(t) : NULL;
}

static json_t *entries(bool also_without_plugins)
{
	json_t *list = json_array();
	for (GList *l = set.order.head; l; l = l->next) {
		struct token *t = l->data;
		if (also_without_plugins || json_array_size(plugins_of(t)))
			json_array_append(list, t->entry);
	}
	return list;
}

json_t *tokens_list(void)
{
	return entries(false);
}

/* ---- changing ---- */

static void token_free(gpointer token)
{
	struct token *t = token;
	g_queue_unlink(&set.order, &t->link);
	json_decref(t->entry);
	g_free(t);
}

/* @param packages taken */
static enum err put(const char *token, json_t *packages)
{
	struct token *t = g_new0(struct token, 1);
	enum err e = OK;
	if (!digest_of(t->digest, token))
		e = ERR_INVALID;
	else if (g_hash_table_contains(set.all, t->digest))
		e = ERR_EXISTS;
	else if (g_hash_table_size(set.all) >= set.max)
		e = ERR_FULL;
	if (e) {
		json_decref(packages);
		g_free(t);
		return e;
	}
	t->plugins = packages;
	t->entry = json_pack("{s:s, s:o}", "token", token, "allowed_plugins", packages);
	t->link.data = t;
	g_queue_push_tail_link(&set.order, &t->link);
	g_hash_table_insert(set.all, t->digest, t);
	metric_set(&n_tokens, g_hash_table_size(set.all));
	return OK;
}

enum err tokens_add(const char *token)
{
	enum err e = put(token, json_array());
	if (!e)
		token_store_changed();
	return e;
}

enum err tokens_remove(const char *token)
{
	struct token *t = find(token);
	if (!t)
		return ERR_NOT_FOUND;
	g_hash_table_remove(set.all, t->digest);
	metric_set(&n_tokens, g_hash_table_size(set.all));
	token_store_changed();
	return OK;
}

/* @param packages taken */
static void replace(struct token *t, json_t *packages)
{
	json_t *entry = json_pack("{s:O, s:o}", "token", json_object_get(t->entry, "token"),
		"allowed_plugins", packages);
	json_decref(t->entry);
	t->entry = entry;
	t->plugins = packages;
	token_store_changed();
}

enum err tokens_allow(const char *token, const char *plugin)
{
	char package[80];
	struct token *t = find(token);
	if (!t)
		return ERR_NOT_FOUND;
	package_of(package, plugin);
	if (lists(plugins_of(t), package))
		return OK;
	json_t *packages = json_copy(plugins_of(t));
	json_array_append_new(packages, json_string(package));
	replace(t, packages);
	return OK;
}

enum err tokens_disallow(const char *token, const char *plugin)
{
	char package[80];
	size_t i;
	json_t *p, *packages;
	struct token *t = find(token);
	if (!t)
		return ERR_NOT_FOUND;
	package_of(package, plugin);
	if (!lists(plugins_of(t), package))
		return OK;
	packages = json_array();
	json_array_foreach(plugins_of(t), i, p)
		if (strcmp(json_string_value(p), package) != 0)
			json_array_append(packages, p);
	replace(t, packages);
	return OK;
}

/* ---- life ---- */

static enum err take(const char *token, json_t *packages)
{
	return put(token, json_incref(packages));
}

static json_t *snapshot(void)
{
	return entries(true);
}

static void forget_all(void)
{
	g_hash_table_remove_all(set.all);
	metric_set(&n_tokens, 0);
}

void tokens_start(struct loop *loop, unsigned max, const char *file)
{
	static bool registered;
	set.all = g_hash_table_new_full(hash, same, NULL, token_free);
	set.max = max;
	rand_bytes(set.key, sizeof set.key);
	if (!registered)
		metric_register(&n_tokens);
	registered = true;
	metric_set(&n_tokens, 0);
	if (!file)
		return;
	if (token_store_start(loop, file, take, snapshot))
		log_info(
			"tokens", 0, "kept", "file=%s tokens=%u", file, g_hash_table_size(set.all));
	else
		forget_all(); /* half a file would be worse than none */
}

void tokens_stop(void)
{
	if (!set.all)
		return;
	token_store_stop();
	g_clear_pointer(&set.all, g_hash_table_destroy);
}
