/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include "../base/err.h"
#include "settings.h"

/** @file
 * The web host: one thread that owns every HTTP and WebSocket listener. Pages, /health and /metrics
 * are served by itself; transports and plugins mount the rest (cardea/transport.h).
 *
 * Order of a start: the start hooks mount, web_start() opens all listeners and serves. Order of an
 * end: web_stop() closes all connections (the mounts hear of each), then the stop hooks. */

/** Open the listeners and start the thread. Control thread, once, after the mounts.
 *  @param why at least 256 bytes: on failure one sentence naming the port or file and the
 *  system's reason */
enum err web_start(const struct web_conf *conf, char *why);
/** What is wrong with the options that say who may come. Control thread, before web_start().
 *  @param option which of them  @return borrowed until the next call; NULL: nothing */
const char *web_access_fault(const struct access_conf *conf, const char **option);
/** Say of every port whether it could be opened, and what is wrong with all of them together, in
 *  the words of web_start(), in whose place it is called. Mounts are forgotten. */
void web_check(const struct web_conf *conf,
	void (*each)(void *arg, bool is_wrong, const char *text), void *arg);
/** Read the certificates of all listeners again, and make the self-signed one anew where that is
 *  due: connections to come get what is there then. What cannot be read keeps the old one, with a
 *  line in the log. Returns at once. Control thread. */
void web_renew(void);
/** Close everything and join the thread. Not started: fine. Mounts are forgotten. */
void web_stop(void);
