/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** @file
 * What the functions of <cardea/plugin.h> need to keep: the plugins' timers. Control thread. */
struct loop;

void sdk_start(struct loop *loop);
void sdk_stop(void); /**< After the plugins have stopped. */
