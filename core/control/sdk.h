/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** @file
 * Life of what the functions of <cardea/plugin.h> keep: the plugins' timers. control.c begins and
 * ends it; plugins call the functions. Control thread. */
struct loop;

void sdk_start(struct loop *loop);
void sdk_stop(void); /**< After the plugins have stopped. */
