/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <stdlib.h>
#include "paths.h"

static bool is_folder(const char *path)
{
	return g_file_test(path, G_FILE_TEST_IS_DIR);
}

/* The folder of the program; libtool may have put the program itself into .libs. */
static char *own_folder(void)
{
	char *exe = g_file_read_link("/proc/self/exe", NULL);
	char *folder = exe ? g_path_get_dirname(exe) : g_strdup(".");
	if (g_str_has_suffix(folder, "/.libs")) {
		char *parent = g_path_get_dirname(folder);
		g_free(folder);
		folder = parent;
	}
	g_free(exe);
	return folder;
}

static bool is_build(const char *folder)
{
	char *build = realpath(CARDEA_BUILDDIR, NULL);
	char *plugins = g_build_filename(folder, "plugins", NULL);
	bool is = build && g_strcmp0(build, folder) == 0 && is_folder(plugins);
	free(build);
	g_free(plugins);
	return is;
}

/* The pages' module is the mark by which a source tree that has since been moved or removed is
 * told. */
static bool has_pages(void)
{
	return g_file_test(CARDEA_SOURCE_HTML "/cardea.js", G_FILE_TEST_IS_REGULAR);
}

void paths_find(struct paths *p)
{
	char *own = own_folder();
	p->uninstalled = is_build(own);
	if (p->uninstalled) {
		p->plugins = g_build_filename(own, "plugins", NULL);
		p->transports = g_build_filename(own, "transports", NULL);
		p->eventhandlers = g_build_filename(own, "eventhandlers", NULL);
		p->state = g_build_filename(own, "state", NULL);
		p->conf = g_build_filename(CARDEA_SOURCE_HTML, "..", "conf", NULL);
	} else {
		p->plugins = g_strdup(CARDEA_PLUGINDIR);
		p->transports = g_strdup(CARDEA_TRANSPORTDIR);
		p->eventhandlers = g_strdup(CARDEA_EVENTHANDLERDIR);
		p->state = g_strdup(CARDEA_STATEDIR);
		p->conf = g_strdup(CARDEA_CONFDIR);
	}
	p->html = g_strdup(p->uninstalled && has_pages() ? CARDEA_SOURCE_HTML : CARDEA_HTMLDIR);
	if (!is_folder(p->conf))
		g_clear_pointer(&p->conf, g_free);
	g_free(own);
}

void paths_free(struct paths *p)
{
	g_free(p->conf);
	g_free(p->plugins);
	g_free(p->transports);
	g_free(p->eventhandlers);
	g_free(p->html);
	g_free(p->state);
}
