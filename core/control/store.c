/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/stat.h>
#include <cardea/plugin.h>
#include "../base/log.h"
#include "hook.h"
#include "kept.h"
#include "store.h"

#define VERSION  1
#define FILE_MAX (4 * (size_t)CARDEA_STORE_BYTES) /* other spellings of the same are longer */

struct store {
	json_t *values;    /* an object; its values are never changed */
	size_t bytes;      /* of keys and values */
	struct kept *kept; /* NULL: it is not */
	GSList *waiting;   /* struct waiter */
};

struct waiter {
	struct store *store; /* NULL: the plugin has ended */
	const struct cardea_plugin *of;
	void (*fn)(void *arg, bool is_saved);
	void *arg;
};

static struct {
	struct loop *loop;
	char *folder;
	GHashTable *all; /* name → struct store */
} stores;

/* ---- one ---- */

static json_t *snapshot(void *arg)
{
	struct store *s = arg;
	return json_pack("{s:i, s:o}", "version", VERSION, "values", json_copy(s->values));
}

static size_t cost(const char *key, const json_t *value)
{
	return strlen(key) + json_dumpb(value, NULL, 0, JSON_ENCODE_ANY | JSON_COMPACT);
}

/* @return NULL, or what is wrong */
static const char *take_all(struct store *s, const json_t *root)
{
	json_t *values = json_object_get(root, "values"), *value;
	const char *key;
	if (json_integer_value(json_object_get(root, "version")) != VERSION)
		return "it is not of version 1";
	if (!json_is_object(values))
		return "it has no object of values";
	json_object_foreach(values, key, value)
		s->bytes += cost(key, value);
	json_decref(s->values);
	s->values = json_incref(values);
	return NULL;
}

static void keep(struct store *s, const char *name)
{
	char why[KEPT_WHY];
	g_autofree char *file = g_strdup_printf("%s/%s.json", stores.folder, name);
	json_t *root = kept_read(file, FILE_MAX, why);
	const char *wrong = root ? take_all(s, root) : *why ? why : NULL;
	json_decref(root);
	if (wrong) {
		log_error("store", 0, "the file is broken: left as it is, and nothing is kept",
			"plugin=%s file=%s because=%s", name, file, LOG_QUOTED(wrong));
		return;
	}
	if (mkdir(stores.folder, 0700) && errno != EEXIST) {
		log_error("store", 0, "nothing is kept", "plugin=%s folder=%s because=%s", name,
			stores.folder, LOG_QUOTED(g_strerror(errno)));
		return;
	}
	s->kept = kept_create(&(struct kept_conf){ .loop = stores.loop,
		.file = file,
		.area = "store",
		.snapshot = snapshot,
		.arg = s });
}

static struct store *of_plugin(const struct cardea_plugin *api)
{
	struct store *s = g_hash_table_lookup(stores.all, api->name);
	if (s)
		return s;
	s = g_new0(struct store, 1);
	s->values = json_object();
	if (stores.folder)
		keep(s, api->name);
	g_hash_table_insert(stores.all, g_strdup(api->name), s);
	return s;
}

static struct store *own(void)
{
	const struct cardea_plugin *api = hook_of();
	g_assert(api); /* the header says: from hooks */
	return of_plugin(api);
}

/* Nobody is told any more. */
static void forget_waiting(struct store *s)
{
	for (GSList *l = s->waiting; l; l = l->next) {
		struct waiter *w = l->data;
		w->store = NULL;
	}
	g_clear_pointer(&s->waiting, g_slist_free);
}

/* ---- all ---- */

void stores_start(struct loop *loop)
{
	stores.loop = loop;
	stores.all = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

void stores_keep(const char *state_dir)
{
	stores.folder = g_build_filename(state_dir, "store", NULL);
}

void store_forget(const struct cardea_plugin *of)
{
	struct store *s = g_hash_table_lookup(stores.all, of->name);
	if (s)
		forget_waiting(s);
}

void stores_stop(void)
{
	GHashTableIter i;
	gpointer v;
	if (!stores.all)
		return;
	g_hash_table_iter_init(&i, stores.all);
	while (g_hash_table_iter_next(&i, NULL, &v)) {
		struct store *s = v;
		forget_waiting(s);
		kept_free(s->kept);
		json_decref(s->values);
		g_free(s);
	}
	g_clear_pointer(&stores.all, g_hash_table_unref);
	g_clear_pointer(&stores.folder, g_free);
}

/* ---- for plugins ---- */

const json_t *cardea_store_get(const char *key)
{
	return json_object_get(own()->values, key);
}

const json_t *cardea_store_all(void)
{
	return own()->values;
}

static bool may_set(const struct store *s, const char *key, const json_t *value, size_t had,
	size_t has, struct cardea_error *e)
{
	size_t len = strlen(key);
	if (!len || len > CARDEA_STORE_KEY || !g_utf8_validate(key, (gssize)len, NULL))
		return cardea_fail(e, 0, "A key is text of 1 to %d bytes", CARDEA_STORE_KEY);
	if (!value)
		return true;
	if (!has || has - len > CARDEA_STORE_VALUE)
		return cardea_fail(e, 0, "The value of '%.100s' has more than %d bytes", key,
			CARDEA_STORE_VALUE);
	if (!had && json_object_size(s->values) >= CARDEA_STORE_KEYS)
		return cardea_fail(e, 0, "There are %d keys", CARDEA_STORE_KEYS);
	if (s->bytes - had + has > CARDEA_STORE_BYTES)
		return cardea_fail(e, 0, "All values have %d bytes", CARDEA_STORE_BYTES);
	return true;
}

bool cardea_store_set(const char *key, json_t *value, struct cardea_error *e)
{
	struct store *s = own();
	const json_t *old = json_object_get(s->values, key);
	size_t had = old ? cost(key, old) : 0, has = value ? cost(key, value) : 0;
	if (!may_set(s, key, value, had, has, e)) {
		json_decref(value);
		return false;
	}
	/* A copy: a thread of the pool reads it, and the plugin may go on with its own. */
	if (value)
		json_object_set_new(s->values, key, json_deep_copy(value));
	else
		json_object_del(s->values, key);
	json_decref(value);
	s->bytes += has - had;
	if (s->kept && (old || has))
		kept_changed(s->kept);
	return true;
}

static void on_saved(void *arg, bool is_saved)
{
	struct waiter *w = arg;
	struct hook hook;
	if (w->store) {
		w->store->waiting = g_slist_remove(w->store->waiting, w);
		hook_enter(&hook, w->of, "store saved");
		w->fn(w->arg, is_saved);
		hook_leave(&hook);
	}
	g_free(w);
}

void cardea_store_saved(void (*fn)(void *arg, bool is_saved), void *arg)
{
	struct waiter *w = g_new(struct waiter, 1);
	*w = (struct waiter){ own(), hook_of(), fn, arg };
	w->store->waiting = g_slist_prepend(w->store->waiting, w);
	if (w->store->kept)
		kept_when_saved(w->store->kept, on_saved, w);
	else
		on_saved(w, false);
}
