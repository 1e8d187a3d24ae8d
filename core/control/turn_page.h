/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/err.h"
#include "../base/loop.h"

/** @file
 * `GET /turn` on the ports of `web`: the ICE servers of a client (ice_servers.c) with fresh
 * credentials, as JSON. The web host brings requests, the control thread answers. */

/** Mount it: before web_start(), after ice_servers_start(). */
enum err turn_page_start(struct loop *loop);
void turn_page_stop(void); /**< After web_stop(). Not started: fine. */
