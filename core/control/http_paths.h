/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/err.h"

/** @file
 * HTTP paths of plugins (cardea/path.h): requests come in on the web thread (http_inbox.c), wait in
 * a queue, and go to their plugin on the control thread (http_paths.c). */
struct loop;

enum err http_paths_start(struct loop *loop);
void http_paths_stop(void); /**< After the web host's end, before the plugins'. */
