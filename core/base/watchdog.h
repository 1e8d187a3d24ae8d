/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>
#include "err.h"

/** @file
 * Looks at the loops from a thread of its own and names in the log the one that is stuck in a
 * callback, once, with a backtrace of its thread, and again when it has recovered. Uses SIGRTMIN.
 *
 * It also ends the process where that cannot go on: when a loop hangs, and when somebody has asked
 * for its end in vain. Only time in which the watchdog itself ran is counted: a process that was
 * stopped, or a machine that was asleep, is not stuck. */
struct pulse;

/** status of a process that was asked to end and could not (EX_SOFTWARE) */
#define WATCHDOG_EXIT 70
/** that it has for ending: less than the ten seconds of container runtimes */
#define WATCHDOG_END_US (8 * 1000000)

/** Start the thread; loops may be added before. From here on SIGTERM and SIGINT, where they are
 *  blocked and nobody takes them, end the process after WATCHDOG_END_US with WATCHDOG_EXIT.
 *  @param hung_us a loop that is stuck for so long ends the process with SIGABRT, which leaves a
 *  core dump where the
 *         system is set to; 0: never */
enum err watchdog_start(int64_t hung_us);
/** The process is ending: it has WATCHDOG_END_US for that. Any thread. */
void watchdog_ending(void);
/** Stop it and forget all loops. */
void watchdog_stop(void);
/** Watch a loop from here on. To be called on the thread that turns it, which takes SIGRTMIN from
 *  then on.
 *  @param name borrowed until watchdog_del() or watchdog_stop()
 *  @param limit_us a turn longer than this is stuck
 *  @return ERR_FULL: too many loops. */
enum err watchdog_add(const char *name, struct pulse *p, int64_t limit_us);
/** Stop watching. Before the loop is destroyed and before its thread ends. Any thread. Unknown:
 *  fine. */
void watchdog_del(struct pulse *p);
