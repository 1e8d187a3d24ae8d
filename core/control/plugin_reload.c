/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include "../base/log.h"
#include "error.h"
#include "hook.h"
#include "module.h"
#include "plugin_reload.h"
#include "plugins.h"

#define WHY_LEN 160

/* @return false with @p e filled: there is none, or another */
static bool open_new(const struct plugin *p, void **dl, const void **module, struct cardea_error *e)
{
	char why[WHY_LEN];
	const struct cardea_plugin *api;
	const char *wrong = module_open_again(p->path, &module_plugin, why, dl, module);
	api = *module;
	if (!wrong && strcmp(api->name, p->api->name) != 0)
		wrong = "it is another plugin now";
	if (!wrong)
		wrong = plugin_lacks(api);
	if (!wrong)
		return true;
	cardea_fail(e, API_UNKNOWN, "%s: %s", p->path, wrong);
	module_close(*dl);
	return false;
}

/* @return false with @p e filled: it does not start, and the one before has been started again, if
 * that is possible */
static bool exchange(struct plugin *p, const struct cardea_plugin *next, struct cardea_error *e)
{
	const struct cardea_plugin *before = p->api;
	const char *wrong, *again;
	if (!p->has_ended)
		plugin_stop(before);
	p->api = next;
	p->has_ended = false;
	if (!(wrong = plugin_start(next)))
		return true;
	g_autofree char *why = g_strdup(wrong);
	plugin_stop_leftovers(next);
	p->api = before;
	again = plugin_start(before);
	p->has_ended = again != NULL;
	cardea_fail(e, API_UNKNOWN, "%s: %s. %s%s", p->path, why,
		again ? "The one before does not start any more: " : "The one before goes on",
		again ? again : "");
	return false;
}

bool plugin_reload(struct plugin *p, struct cardea_error *e)
{
	void *dl = NULL;
	const void *module = NULL;
	if (!p->path)
		return cardea_fail(e, API_UNKNOWN, "It has no file of its own");
	if (p->n_handles)
		return cardea_fail(e, API_UNKNOWN, "%u handles are attached to it", p->n_handles);
	if (!open_new(p, &dl, &module, e))
		return false;
	p->old = g_slist_prepend(p->old, dl); /* closed with the others, if it is not taken */
	if (!exchange(p, module, e)) {
		log_error("core", 0, "plugin not loaded again", "name=%s why=%s", p->api->name,
			LOG_QUOTED(e->reason));
		return false;
	}
	log_info("core", 0, "plugin loaded again", "name=%s version=%s", p->api->name,
		p->api->version_string ? p->api->version_string : "?");
	return true;
}
