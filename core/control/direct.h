/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/err.h"

/** @file
 * Direct endpoints: a plugin's own protocol on a bare WebSocket. A connection (direct_client.h) has
 * a session with one handle; what comes on it (direct_web.c, direct_inbox.c) goes to the plugin and
 * not to dispatch. Control thread. */
struct loop;

enum err direct_start(struct loop *loop);
void direct_stop(void); /**< After the web host's end, before the plugins'. */
