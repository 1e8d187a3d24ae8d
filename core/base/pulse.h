/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdatomic.h>
#include <stdint.h>

/** @file
 * What others may know of the loop of a thread: how often it has turned, whether it is turning now
 * and since when. A watchdog that sees the count stand still while the loop does not wait has found
 * a stuck callback. Written by the loop's thread, read by any. */
struct pulse {
	_Atomic uint64_t turns;
	_Atomic int64_t busy_since_us; /**< 0: it waits */
	_Atomic int64_t longest_us;    /**< turn since somebody asked */
};

static inline void pulse_begin(struct pulse *p, int64_t now_us)
{
	atomic_store_explicit(&p->busy_since_us, now_us, memory_order_relaxed);
}

static inline void pulse_count(struct pulse *p)
{
	atomic_fetch_add_explicit(&p->turns, 1, memory_order_relaxed);
}

/** Whoever asks for the longest takes it along; a turn in between may be lost to the next, which is
 *  no harm. */
static inline void pulse_end(struct pulse *p, int64_t took_us)
{
	atomic_store_explicit(&p->busy_since_us, 0, memory_order_relaxed);
	if (took_us > atomic_load_explicit(&p->longest_us, memory_order_relaxed))
		atomic_store_explicit(&p->longest_us, took_us, memory_order_relaxed);
}

/** @param busy_since_us when the present turn began, 0 while waiting; NULL: no matter */
static inline uint64_t pulse_turns(const struct pulse *p, int64_t *busy_since_us)
{
	if (busy_since_us)
		*busy_since_us = atomic_load_explicit(&p->busy_since_us, memory_order_relaxed);
	return atomic_load_explicit(&p->turns, memory_order_relaxed);
}

/** The longest turn since the last call, microseconds. One asker. */
static inline int64_t pulse_longest(struct pulse *p)
{
	return atomic_exchange_explicit(&p->longest_us, 0, memory_order_relaxed);
}
