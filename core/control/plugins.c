/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include "../base/conf_check.h"
#include "../base/log.h"
#include "hook.h"
#include "machine.h"
#include "module.h"
#include "plugin_jobs.h"
#include "plugin_timers.h"
#include "playback.h"
#include "plugins.h"
#include "record.h"
#include "record_text.h"
#include "store.h"

static GPtrArray *plugins;
static GSList *loaded; /* the same, and those that have stopped */
static struct conf *conf;
static bool are_up;

void plugins_start(struct conf *from)
{
	conf = from;
	plugins = g_ptr_array_new();
	are_up = false;
}

const char *plugin_start(const struct cardea_plugin *api)
{
	char file[100];
	snprintf(file, sizeof file, "cardea.plugin.%.60s", api->name);
	struct cardea_conf *own = conf_file(conf, file);
	struct hook hook;
	if (api->options) {
		conf_check(own, api->options);
		machine_look(own);
	}
	if (!api->start)
		return NULL;
	hook_enter(&hook, api, "start");
	const char *why = api->start(own);
	hook_leave(&hook);
	return why;
}

void plugin_stop_leftovers(const struct cardea_plugin *api)
{
	plugin_timers_end(api);
	plugin_jobs_end(api);
	store_forget(api);
	records_forget(api);
	record_text_forget(api);
	playbacks_close_of(api);
}

void plugin_stop(const struct cardea_plugin *api)
{
	struct hook hook;
	if (api->stop) {
		hook_enter(&hook, api, "stop");
		api->stop();
		hook_leave(&hook);
	}
	plugin_stop_leftovers(api);
}

static struct plugin *by_short_name(const char *name)
{
	for (unsigned i = 0; name && i < plugins->len; i++) {
		struct plugin *p = plugins->pdata[i];
		if (strcmp(p->api->name, name) == 0)
			return p;
	}
	return NULL;
}

static bool tells(const struct cardea_plugin *api)
{
	char file[100];
	snprintf(file, sizeof file, "cardea.plugin.%.60s", api->name);
	const json_t *tree = conf_file(conf, file)->tree;
	const json_t *v = json_object_get(json_object_get(tree, "general"), "events");
	return !v || conf_is_true(v);
}

const char *plugin_lacks(const struct cardea_plugin *api)
{
	if (!api->attach || !api->detach || !api->message)
		return "it lacks one of the hooks attach, detach and message";
	return strlen(api->name) > 60 ? "its name is too long" : NULL;
}

const char *plugin_add(const struct cardea_plugin *api, void *dl, const char *path)
{
	const char *why = plugin_lacks(api);
	if (!why && by_short_name(api->name))
		why = "there is one of this name already";
	if (why)
		return why;
	if ((why = plugin_start(api))) {
		plugin_stop_leftovers(api);
		return why;
	}
	struct plugin *p = g_new0(struct plugin, 1);
	p->api = api;
	p->dl = dl;
	p->path = g_strdup(path);
	p->tells = tells(api);
	snprintf(p->package, sizeof p->package, "janus.plugin.%s", api->name);
	g_ptr_array_add(plugins, p);
	loaded = g_slist_prepend(loaded, p);
	log_info("core", 0, "plugin loaded", "name=%s version=%s", api->name,
		api->version_string ? api->version_string : "?");
	return NULL;
}

static const char *take(const void *module, void *dl, const char *path)
{
	return plugin_add(module, dl, path);
}

unsigned plugins_load(const char *folder, const char *disable)
{
	unsigned failed = modules_open(folder, &module_plugin, disable, take);
	are_up = true;
	return failed;
}

void plugins_stop(void)
{
	if (!plugins)
		return;
	for (unsigned i = plugins->len; i-- > 0;) {
		const struct plugin *p = plugins->pdata[i];
		if (!p->has_ended)
			plugin_stop(p->api);
	}
	g_clear_pointer(&plugins, g_ptr_array_unref);
}

static void unload(gpointer plugin)
{
	struct plugin *p = plugin;
	module_close(p->dl);
	g_slist_free_full(p->old, module_close);
	g_free(p->path);
	g_free(p);
}

void plugins_unload(void)
{
	g_slist_free_full(g_steal_pointer(&loaded), unload);
}

struct plugin *plugin_with(const struct cardea_plugin *api)
{
	return by_short_name(api->name);
}

struct plugin *plugin_known(const char *package)
{
	return by_short_name(module_short_name(package, "plugin"));
}

struct plugin *plugin_find(const char *package)
{
	struct plugin *p = plugin_known(package);
	return p && !p->has_ended ? p : NULL;
}

void plugins_each(enum err (*fn)(const char *arg, const char *plugin), const char *arg)
{
	for (unsigned i = 0; i < plugins->len; i++)
		fn(arg, ((const struct plugin *)plugins->pdata[i])->api->name);
}

json_t *plugins_info(void)
{
	json_t *all = json_object();
	for (unsigned i = 0; i < plugins->len; i++) {
		const struct plugin *p = plugins->pdata[i];
		json_object_set_new(all, p->package,
			module_info(p->api->title, p->api->author, p->api->description,
				p->api->version_string, p->api->version));
	}
	return all;
}

bool plugins_are_up(void)
{
	return are_up;
}

unsigned plugins_count(void)
{
	return plugins ? plugins->len : 0;
}
