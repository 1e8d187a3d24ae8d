/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>

/** @file
 * What time it is, for all threads: the monotonic clock, which tests can fake, and the wall clock,
 * which goes into reports and logs. */

#define US_PER_MS 1000LL
#define US_PER_S  1000000LL

/** Monotonic time in microseconds, or the faked time of a test. Any thread. */
int64_t clock_now_us(void);
/** Wall clock, microseconds since the Unix epoch. Any thread. */
int64_t clock_wall_us(void);
/** The 64-bit NTP time (RFC 5905) of a wall clock reading. */
uint64_t clock_ntp(int64_t wall_us);
/** Let clock_now_us() answer @p now_us from here on; -1 gives the real clock back. Tests only. */
void clock_fake(int64_t now_us);
