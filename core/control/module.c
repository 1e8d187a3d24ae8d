/* SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include "../base/log.h"
#include "module.h"

static const char *skip(const char *text, const char *prefix)
{
	size_t n = strlen(prefix);
	return strncmp(text, prefix, n) == 0 ? text + n : NULL;
}

const char *module_short_name(const char *package, const char *kind)
{
	char prefix[40];
	const char *rest;
	snprintf(prefix, sizeof prefix, "janus.%s.", kind);
	if (!(rest = skip(package, prefix))) {
		snprintf(prefix, sizeof prefix, "cardea.%s.", kind);
		rest = skip(package, prefix);
	}
	return rest && *rest ? rest : NULL;
}

/* One entry of a list, without the ways of writing it. */
static bool spells(char *entry, const char *name)
{
	static const char *const prefixes[] = { "libjanus_", "libcardea_", "janus.plugin.",
		"cardea.plugin.", "janus.transport.", "cardea.transport.", "janus.eventhandler.",
		"cardea.eventhandler." };
	const char *rest;
	g_strstrip(entry);
	if (g_str_has_suffix(entry, ".so"))
		entry[strlen(entry) - 3] = '\0';
	for (size_t i = 0; i < G_N_ELEMENTS(prefixes); i++)
		if ((rest = skip(entry, prefixes[i])))
			return strcmp(rest, name) == 0;
	return strcmp(entry, name) == 0;
}

bool module_listed(const char *list, const char *name)
{
	bool found = false;
	if (!list)
		return false;
	char **entries = g_strsplit(list, ",", -1);
	for (unsigned i = 0; entries[i] && !found; i++)
		found = spells(entries[i], name);
	g_strfreev(entries);
	return found;
}

/* ---- files ---- */

static void scan(GPtrArray *files, GHashTable *seen, const char *folder, unsigned depth)
{
	const char *entry;
	GDir *dir = g_dir_open(folder, 0, NULL);
	if (!dir)
		return;
	while ((entry = g_dir_read_name(dir))) {
		char *path = g_build_filename(folder, entry, NULL);
		if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
			/* .libs is where libtool puts what is not installed yet. */
			if (depth && (entry[0] != '.' || strcmp(entry, ".libs") == 0))
				scan(files, seen, path,
					strcmp(entry, ".libs") == 0 ? 0 : depth - 1);
		} else if (g_str_has_suffix(entry, ".so") &&
			   g_hash_table_add(seen, g_strdup(entry))) {
			g_ptr_array_add(files, path);
			continue;
		}
		g_free(path);
	}
	g_dir_close(dir);
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static GPtrArray *find_files(const char *folder)
{
	GPtrArray *files = g_ptr_array_new_with_free_func(g_free);
	GHashTable *seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	scan(files, seen, folder, 2);
	g_hash_table_destroy(seen);
	g_ptr_array_sort(files, by_name);
	return files;
}

bool modules_in(const char *folder)
{
	GPtrArray *files = find_files(folder);
	bool any = files->len != 0;
	g_ptr_array_free(files, TRUE);
	return any;
}

/* @return NULL or why not; *dl is left open only when the module was taken. */
static const char *open_one(const char *path, const char *symbol, size_t size, uint32_t abi,
	void **dl, const char *(*take)(const void *module, void *dl))
{
	const char *why;
	*dl = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!*dl)
		return dlerror();
	const struct module_head *head = dlsym(*dl, symbol);
	if (!head)
		why = "it does not export the struct of this kind of module";
	else if (head->abi != abi)
		why = "it was built for another version of the SDK (abi)";
	else if (head->size != size)
		why = "it was built against other headers (size)";
	else if (!head->name || !*head->name)
		why = "it has no name";
	else
		why = take(head, *dl);
	return why;
}

unsigned modules_open(const char *folder, const char *symbol, size_t size, uint32_t abi,
	const char *disable, const char *(*take)(const void *module, void *dl))
{
	unsigned failed = 0;
	GPtrArray *files = find_files(folder);
	for (unsigned i = 0; i < files->len; i++) {
		void *dl;
		const char *path = files->pdata[i];
		char *base = g_path_get_basename(path);
		base[strlen(base) - 3] = '\0';
		if (module_listed(disable, base)) {
			log_info("core", 0, "module disabled", "name=%s", base);
		} else {
			const char *why = open_one(path, symbol, size, abi, &dl, take);
			if (why) {
				log_error("core", 0, "module left out", "file=%s why=%s", path,
					LOG_QUOTED(why));
				failed++;
				module_close(dl);
			}
		}
		g_free(base);
	}
	g_ptr_array_free(files, TRUE);
	return failed;
}

void module_close(void *dl)
{
	if (dl)
		dlclose(dl);
}

json_t *module_info(const char *title, const char *author, const char *description,
	const char *version_string, int version)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:i}", "name", title ? title : "", "author",
		author ? author : "", "description", description ? description : "",
		"version_string", version_string ? version_string : "", "version", version);
}
