/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/json.h>

/** @file
 * What a plugin runs beside its hooks: timers. Control thread. */

/** Call @p fn(arg) every @p interval_ms on the control thread until the handle or plugin ends it
 *  with 0.
 *  @return an id for cardea_timer_stop(). */
CARDEA_API uint64_t cardea_timer(unsigned interval_ms, void (*fn)(void *arg), void *arg);
CARDEA_API void cardea_timer_stop(uint64_t timer);
