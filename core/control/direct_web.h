/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "direct_inbox.h"

/** @file
 * The web thread's side of direct endpoints: it counts what each client sends (direct_rate.c),
 * parses it, and hands it over (direct_inbox.c). The web host calls the hooks. */

void direct_web_start(void);
void direct_web_stop(void); /**< After the web host's end. */
/** For cardea_web_mount_socket(), with a struct direct_endpoint. */
extern const struct cardea_web_socket direct_web_hooks;
