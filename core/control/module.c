/* SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cardea/eventhandler.h>
#include <cardea/plugin.h>
#include <cardea/transport.h>
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

const struct module_kind module_plugin = {
	.symbol = "cardea_plugin",
	.size = sizeof(struct cardea_plugin),
	.least = offsetof(struct cardea_plugin, connected),
	.abi = CARDEA_PLUGIN_ABI,
};
const struct module_kind module_eventhandler = {
	.symbol = "cardea_eventhandler",
	.size = sizeof(struct cardea_eventhandler),
	.least = sizeof(struct cardea_eventhandler),
	.abi = CARDEA_EVENTHANDLER_ABI,
};
/* Whole: transports name themselves by their struct in what they hand over. */
const struct module_kind module_transport = {
	.symbol = "cardea_transport",
	.size = sizeof(struct cardea_transport),
	.least = sizeof(struct cardea_transport),
	.abi = CARDEA_TRANSPORT_ABI,
};

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

/* Copies of structs that are shorter than this program's: dl → copy. */
static GHashTable *copies;

/* An older module's struct lacks what came later: that is zero. */
static const void *lengthened(void *dl, const struct module_head *head, size_t size)
{
	if (head->size == size)
		return head;
	void *copy = g_malloc0(size);
	memcpy(copy, head, head->size);
	if (!copies)
		copies = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	g_hash_table_insert(copies, dl, copy);
	return copy;
}

/* @param why 160 bytes @return NULL, or what is wrong */
static const char *look(const struct module_head *head, const struct module_kind *k, char *why)
{
	if (!head)
		return "it does not export the struct of this kind of module";
	if (head->abi != k->abi) {
		snprintf(why, 160, "it was built for version %u of the SDK, and this server has %u",
			head->abi, k->abi);
		return why;
	}
	if (head->size < k->least || head->size > k->size) {
		snprintf(why, 160,
			"it was built against %s headers: its struct has %zu bytes, and this "
			"server's %zu",
			head->size > k->size ? "newer" : "other", head->size, k->size);
		return why;
	}
	return head->name && *head->name ? NULL : "it has no name";
}

const char *module_open(
	const char *path, const struct module_kind *k, char *why, void **dl, const void **module)
{
	*dl = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!*dl)
		return dlerror();
	const struct module_head *head = dlsym(*dl, k->symbol);
	const char *wrong = look(head, k, why);
	if (!wrong)
		*module = lengthened(*dl, head, k->size);
	return wrong;
}

/* ---- again ---- */

/* What is loaded already is found by its name, or its file, and not read again: a copy has neither.
 * @return a descriptor, -1: errno tells */
static int copy_file(const char *path)
{
	char buf[65536];
	ssize_t n;
	int from = open(path, O_RDONLY | O_CLOEXEC);
	int to = from < 0 ? -1 : memfd_create("cardea-module", MFD_CLOEXEC);
	while (to >= 0 && (n = read(from, buf, sizeof buf)) != 0) {
		if (n > 0 && write(to, buf, (size_t)n) == n)
			continue;
		close(to);
		to = -1;
	}
	if (from >= 0)
		close(from);
	return to;
}

const char *module_open_again(
	const char *path, const struct module_kind *k, char *why, void **dl, const void **module)
{
	char name[40];
	int fd = copy_file(path);
	*dl = NULL;
	if (fd < 0)
		return g_strerror(errno);
	/* The descriptor stays open: its number is the name that no other may have. */
	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	const char *wrong = module_open(name, k, why, dl, module);
	if (!*dl)
		close(fd);
	return wrong;
}

/* @return NULL, or why it was left out */
static const char *open_one(const char *path, const struct module_kind *k,
	const char *(*take)(const void *module, void *dl, const char *path), char *why)
{
	void *dl;
	const void *module = NULL;
	const char *wrong = module_open(path, k, why, &dl, &module);
	if (!wrong && !(wrong = take(module, dl, path)))
		return NULL;
	log_error("core", 0, "module left out", "file=%s why=%s", path, LOG_QUOTED(wrong));
	module_close(dl);
	return wrong;
}

unsigned modules_open(const char *folder, const struct module_kind *k, const char *disable,
	const char *(*take)(const void *module, void *dl, const char *path))
{
	unsigned failed = 0;
	char why[160];
	GPtrArray *files = find_files(folder);
	for (unsigned i = 0; i < files->len; i++) {
		const char *path = files->pdata[i];
		char *base = g_path_get_basename(path);
		base[strlen(base) - 3] = '\0';
		if (module_listed(disable, base))
			log_info("core", 0, "module disabled", "name=%s", base);
		else if (open_one(path, k, take, why))
			failed++;
		g_free(base);
	}
	g_ptr_array_free(files, TRUE);
	return failed;
}

void module_close(void *dl)
{
	if (!dl)
		return;
	if (copies)
		g_hash_table_remove(copies, dl);
	dlclose(dl);
}

json_t *module_info(const char *title, const char *author, const char *description,
	const char *version_string, int version)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:i}", "name", title ? title : "", "author",
		author ? author : "", "description", description ? description : "",
		"version_string", version_string ? version_string : "", "version", version);
}
