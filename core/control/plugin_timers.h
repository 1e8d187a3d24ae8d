/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** @file
 * The timers of plugins: cardea_timer() and what keeps them. Their functions run as hooks do.
 * control.c begins and ends it; plugins call the functions of the SDK. Control thread. */
struct cardea_plugin;
struct loop;

void plugin_timers_start(struct loop *loop);
void plugin_timers_end(const struct cardea_plugin *of); /**< It has stopped. */
void plugin_timers_stop(void);                          /**< After the plugins have stopped. */
