/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/err.h"

/** @file
 * Direct endpoints: a plugin's own protocol on a bare WebSocket. To the control side such a
 * connection is the client of a transport of its own, with one session and one handle; what is said
 * goes to the plugin and not to dispatch. Control thread; the web host's hooks run on its
 * thread. */
struct loop;

enum err direct_start(struct loop *loop);
void direct_stop(void); /**< After the web host's end, before the plugins'. */
