/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <cardea/log.h>

/** @file
 * What a plugin runs beside its hooks: timers, and jobs that may block. Control thread, from hooks;
 * what is called here counts as a hook itself. */

/** Call @p fn(arg) every @p interval_ms on the control thread until cardea_timer_stop(), or until
 *  the plugin has stopped.
 *  @return an id for cardea_timer_stop(); 0: there are 4,096 timers */
CARDEA_API uint64_t cardea_timer(unsigned interval_ms, void (*fn)(void *arg), void *arg);
CARDEA_API void cardea_timer_stop(uint64_t timer); /**< Ids that mean nothing are fine. */

#define CARDEA_WORK_MAX 16 /**< jobs of a plugin at a time */
/** Run @p job(arg) on a thread of the pool, where it may block for some seconds: it sees nothing
 *  but its argument, and calls nothing of the SDK but what any thread may. Then call
 *  @p done(arg, false) on the control thread; or @p done(arg, true) when the job was never run, or
 *  the plugin has stopped meanwhile: that frees the argument and does nothing else.
 *  @return false, and nothing is called: the plugin has CARDEA_WORK_MAX that run or wait, or the
 *  server is too busy, or about to end, or this is --check */
CARDEA_API bool cardea_work(
	void (*job)(void *arg), void (*done)(void *arg, bool cancelled), void *arg);
