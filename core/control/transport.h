/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/transport.h>
#include "../base/conf.h"
#include "../base/err.h"

/** @file
 * The loaded transports, and the queue through which their threads hand requests to the control
 * thread. */
struct loop;

enum err transports_start(struct loop *loop, struct conf *conf);
/** Check and start one. Control thread. @return NULL, or why it is left out. */
const char *transport_add(const struct cardea_transport *api, void *dl);
/** Load all of a folder. @return those that did not load */
unsigned transports_load(const char *folder, const char *disable);
/** Refuse requests from here on, stop them all, and forget what still waits. */
void transports_stop(void);
/** By package name, either spelling, exact. @return NULL: no such */
const struct cardea_transport *transport_find(const char *package);
json_t *transports_info(void); /**< for `info`, new reference */
unsigned transports_count(void);
