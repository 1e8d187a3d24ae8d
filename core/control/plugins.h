/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>
#include "../base/conf.h"
#include "../base/err.h"

/** @file
 * The loaded plugins: found, started, named, stopped. Handles belong to them, and requests look
 * them up. Control thread. */
struct plugin {
	const struct cardea_plugin *api;
	void *dl;         /**< NULL: linked in (tests) */
	bool tells;       /**< event handlers: general.events of its file, true when absent */
	char package[80]; /**< "janus.plugin.<name>", as info, tokens and the Admin API show it */
};

void plugins_start(struct conf *conf);
/** Check and start one. @return NULL, or why it is left out. */
const char *plugin_add(const struct cardea_plugin *api, void *dl);
/** Load all of a folder. @return those that did not load */
unsigned plugins_load(const char *folder, const char *disable);
void plugins_stop(void); /**< After the last handle is gone. */
/** Let go of their code: when no thread runs any of it. */
void plugins_unload(void);
/** By package name, either spelling, exact. @return NULL: no such */
struct plugin *plugin_find(const char *package);
/** The loaded one of which this is the table. */
struct plugin *plugin_with(const struct cardea_plugin *api);
/** Call @p fn(arg, short name) for each, in the order in which they were loaded. */
void plugins_each(enum err (*fn)(const char *arg, const char *plugin), const char *arg);
json_t *plugins_info(void); /**< for `info`, new reference */
unsigned plugins_count(void);
