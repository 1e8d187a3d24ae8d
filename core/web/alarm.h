/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <uv.h>
#include "../base/wheel.h"

/** @file
 * Timers of the web thread: a wheel that libuv's loop turns. libwebsockets keeps its own in one
 * sorted list, through which each that is set has to walk: with ten thousand connections every
 * request would. */
bool alarm_start(uv_loop_t *loop);
/** Run @p t in @p us microseconds, instead of when it was to. */
void alarm_set(struct wheel_timer *t, int64_t us);
void alarm_cancel(struct wheel_timer *t); /**< Not set: fine. */
/** Nothing runs any more; the loop has to turn once. */
void alarm_stop(void);
/** After the last alarm_cancel(). Not started: fine. */
void alarm_free(void);
