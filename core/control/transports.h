/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/transport.h>
#include "../base/conf.h"

/** @file
 * The loaded transports: found, started, named, stopped. What they hand over goes to
 * transport_inbox.c. Control thread. */

void transports_start(struct conf *conf);
/** Check and start one. @return NULL, or why it is left out. */
const char *transport_add(const struct cardea_transport *api, void *dl);
/** Load all of a folder. @return those that did not load */
unsigned transports_load(const char *folder, const char *disable);
/** Stop them all, the last one first: its threads are over then, and @p stopped is called. */
void transports_stop(void (*stopped)(const struct cardea_transport *t));
void transports_unload(void); /**< When nothing of theirs waits any more. */
/** By package name, either spelling, exact. @return NULL: no such */
const struct cardea_transport *transport_find(const char *package);
/** Does it tell event handlers? general.events of its file, until it is changed here. */
bool transport_tells(const struct cardea_transport *t);
void transport_set_tells(const struct cardea_transport *t, bool tells);
json_t *transports_info(void); /**< for `info`, new reference */
unsigned transports_count(void);
