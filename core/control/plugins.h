/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>
#include <glib.h>
#include "../base/conf.h"
#include "../base/err.h"

/** @file
 * The loaded plugins: found, started, named, stopped. Handles belong to them, and requests look
 * them up. Control thread. */
struct plugin {
	const struct cardea_plugin *api;
	void *dl;           /**< NULL: linked in (tests) */
	char *path;         /**< of its file; NULL: none */
	GSList *old;        /**< others that its file had: their code stays until the end */
	unsigned n_handles; /**< that are attached to it */
	bool tells;         /**< event handlers: general.events of its file, true when absent */
	bool has_ended;     /**< it was stopped, and could not be started again */
	char package[80];   /**< "janus.plugin.<name>", as info, tokens and the Admin API show it */
};

void plugins_start(struct conf *conf);
/** Check and start one. @param path of its file, NULL: none
 *  @return NULL, or why it is left out */
const char *plugin_add(const struct cardea_plugin *api, void *dl, const char *path);
/** What every plugin must have. @return NULL, or what is missing */
const char *plugin_lacks(const struct cardea_plugin *api);
/** Call its hook. @return NULL, or why it cannot run */
const char *plugin_start(const struct cardea_plugin *api);
/** Call its hook, and end what it has left behind. */
void plugin_stop(const struct cardea_plugin *api);
/** End what it has left behind: timers, jobs, listeners, playbacks. */
void plugin_stop_leftovers(const struct cardea_plugin *api);
/** Load all of a folder. @return those that did not load */
unsigned plugins_load(const char *folder, const char *disable);
void plugins_stop(void); /**< After the last handle is gone. */
/** Let go of their code: when no thread runs any of it. */
void plugins_unload(void);
/** Have all been loaded that there are at a start? What is started later can mount nothing new. */
bool plugins_are_up(void);
/** By package name, either spelling, exact; also one that has ended. @return NULL: no such */
struct plugin *plugin_known(const char *package);
/** The same, of those that run. @return NULL: no such */
struct plugin *plugin_find(const char *package);
/** The loaded one of which this is the table. */
struct plugin *plugin_with(const struct cardea_plugin *api);
/** Call @p fn(arg, short name) for each, in the order in which they were loaded. */
void plugins_each(enum err (*fn)(const char *arg, const char *plugin), const char *arg);
json_t *plugins_info(void); /**< for `info`, new reference */
unsigned plugins_count(void);
