/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/path.h>
#include <cardea/transport.h>
#include "../base/err.h"

/** @file
 * Requests on paths of plugins, on their way from the web thread to the control thread. */

struct loop;
struct cardea_plugin;

/** One of a plugin; made before anything is served. */
struct http_path {
	struct http_path *next;
	const struct cardea_plugin *plugin;
	char *prefix;
	void (*request)(const struct cardea_path_request *r);
	void (*gone)(uint64_t id); /**< NULL: nobody asks */
	/* The web thread reads these, which stay as they are. */
	const char *methods;
	unsigned timeout_ms;
};

/** @param request gets each on the control thread, borrowed
 *  @param gone is called there for each, after that */
enum err http_inbox_start(struct loop *loop,
	void (*request)(const struct http_path *at, const struct cardea_path_request *r),
	void (*gone)(const struct http_path *at, uint64_t id));
void http_inbox_stop(void); /**< Forgets what waits. Not started: fine. */
extern const struct cardea_web_pages http_inbox_hooks; /**< of mounts; their arg: the http_path */
