/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <string.h>
#include "../base/conf.h"
#include "../base/conf_check.h"
#include "eventhandlers.h"
#include "load.h"
#include "module.h"
#include "options.h"
#include "plugins.h"
#include "transports.h"

/* ---- files that nobody reads ---- */

static bool is_true(
	const struct cardea_conf *file, const char *section, const char *option, bool otherwise)
{
	const json_t *v = json_object_get(json_object_get(file->tree, section), option);
	return v ? conf_is_true(v) : otherwise;
}

/* What is off there asks for nothing. */
static bool is_off(const struct cardea_conf *file, bool is_on_otherwise)
{
	return !is_true(file, "general", "enabled", is_on_otherwise) &&
	       !is_true(file, "admin", "admin_enabled", false);
}

static bool has_module(const char *name)
{
	const char *plugin = module_short_name(name, "plugin");
	const char *transport = module_short_name(name, "transport");
	const char *handler = module_short_name(name, "eventhandler");
	if (plugin)
		return plugin_find(name) || module_listed(settings.plugins_disable, plugin);
	if (transport)
		return transport_find(name) ||
		       module_listed(settings.transports_disable, transport);
	if (handler)
		return eventhandler_is_there(handler) ||
		       module_listed(settings.events_disable, handler);
	return strcmp(name, "cardea") == 0;
}

static void name_files_left_over(struct conf *conf)
{
	for (const char *const *name = conf_names(conf); *name; name++) {
		const struct cardea_conf *file = conf_file(conf, *name);
		bool is_override = strcmp(file->label, file->name) == 0; /* there is no such file */
		bool is_handler = module_short_name(*name, "eventhandler") != NULL;
		if (has_module(*name) || (!is_override && is_off(file, !is_handler)))
			continue;
		if (is_handler && !settings.events_on) {
			findings_add(file->findings, false, file->label,
				"no effect: events.broadcast is off");
		} else if (is_override) {
			g_autofree char *where = g_strconcat(CONF_SET, *name, NULL);
			findings_add(file->findings, true, where, "there is no such module");
		} else {
			findings_add(file->findings, false, file->label,
				"no effect: there is no such module");
		}
	}
}

/* ---- modules ---- */

static const char *folder(const char *given, const char *otherwise)
{
	return given ? given : otherwise;
}

unsigned modules_load(struct conf *conf, const struct paths *paths)
{
	unsigned failed = plugins_load(
		folder(settings.plugins_folder, paths->plugins), settings.plugins_disable);
	failed += transports_load(
		folder(settings.transports_folder, paths->transports), settings.transports_disable);
	if (settings.events_on)
		failed += eventhandlers_load(folder(settings.events_folder, paths->eventhandlers),
			settings.events_disable);
	if (!failed) /* else it may be one that has been named already */
		name_files_left_over(conf);
	return failed;
}
