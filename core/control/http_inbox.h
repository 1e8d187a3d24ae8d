/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "http_paths.h"

/** @file
 * Requests on paths of plugins, on their way from the web thread to the control thread. */

/** @param request gets each on the control thread, borrowed
 *  @param gone is called there for each, after that */
enum err http_inbox_start(struct loop *loop,
	void (*request)(const struct http_path *at, const struct cardea_path_request *r),
	void (*gone)(const struct http_path *at, uint64_t id));
void http_inbox_stop(void); /**< Forgets what waits. Not started: fine. */
extern const struct cardea_web_pages http_inbox_hooks; /**< of mounts; their arg: the http_path */
