/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/** @file
 * Timers, kept by their owners: set, move and cancel cost a list operation. Each loop has a wheel,
 * which it runs once a turn. One thread. */
struct wheel;
struct wheel_timer {
	struct wheel_timer *next, **prev; /**< the wheel's own */
	int64_t at_us;
	void (*fn)(void *arg);
	void *arg;
};

struct wheel *wheel_create(int64_t now_us);
void wheel_destroy(struct wheel *w);
/** (Re)arm: call t->fn(t->arg) once, in the first wheel_run() at or after @p at_us. */
void wheel_set(struct wheel *w, struct wheel_timer *t, int64_t at_us);
void wheel_cancel(struct wheel *w, struct wheel_timer *t); /**< Not armed: fine. */
static inline bool wheel_armed(const struct wheel_timer *t)
{
	return t->prev != 0;
}
/** Run what is due. Timers may be set and cancelled by the callbacks. */
void wheel_run(struct wheel *w, int64_t now_us);
/** @return when the next timer may be due (never late, perhaps early), or INT64_MAX. */
int64_t wheel_next(const struct wheel *w);
