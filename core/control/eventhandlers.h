/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/eventhandler.h>
#include "../base/conf.h"

/** @file
 * The loaded event handlers: found, started, named, told, stopped. Control thread. */

void eventhandlers_start(struct conf *conf);
/** Check one, and start it if its file enables it. @return NULL, or why it is left out. */
const char *eventhandler_add(const struct cardea_eventhandler *api, void *dl);
/** Load all of a folder. @return those that did not load */
unsigned eventhandlers_load(const char *folder, const char *disable);
/** Deliver what waits, within five seconds for all of them, and stop them. */
void eventhandlers_stop(void);
/** By package name, either spelling, exact: one that is enabled. @return NULL: no such */
const struct cardea_eventhandler *eventhandler_find(const char *package);
/** Is there one of that short name, enabled or not? */
bool eventhandler_is_there(const char *name);
/** Ask all of them again which types and style they want. */
void eventhandlers_ask(void);
/** The types that anybody wants; 0: there are no handlers. Any thread. */
unsigned eventhandlers_mask(void);
/** Queue an event for those that want its type. @param event borrowed */
void eventhandlers_tell(enum cardea_event_type type, const json_t *event);
json_t *eventhandlers_info(void); /**< for `info`, new reference */
