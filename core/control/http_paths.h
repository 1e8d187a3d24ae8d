/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/path.h>
#include <cardea/transport.h>
#include "../base/err.h"

/** @file
 * HTTP paths of plugins (cardea/path.h): requests come in on the web thread (http_inbox.c), wait in
 * a queue, and go to their plugin on the control thread (http_paths.c). */
struct loop;
struct cardea_plugin;

/** One of a plugin; made before anything is served. */
struct http_path {
	struct http_path *next;
	const struct cardea_plugin *plugin;
	char *prefix;
	struct cardea_path conf;
};

enum err http_paths_start(struct loop *loop);
void http_paths_stop(void); /**< After the web host's end, before the plugins'. */
