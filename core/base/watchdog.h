/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>
#include "err.h"

/** @file
 * Looks at the loops from a thread of its own and names in the log the one that is stuck in a callback, once, with
 * a backtrace of its thread, and again when it has recovered. Uses SIGUSR2. */
struct pulse;

/** Start the thread; loops may be added before. */
enum err watchdog_start(void);
/** Stop it and forget all loops. */
void watchdog_stop(void);
/** Watch a loop from here on. To be called on the thread that turns it.
 *  @param name borrowed until watchdog_del() or watchdog_stop()
 *  @param limit_us a turn longer than this is stuck
 *  @return ERR_FULL: too many loops. */
enum err watchdog_add(const char *name, struct pulse *p, int64_t limit_us);
/** Stop watching. Before the loop is destroyed and before its thread ends. Any thread. Unknown: fine. */
void watchdog_del(struct pulse *p);
