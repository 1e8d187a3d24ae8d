/* SPDX-License-Identifier: Apache-2.0 */
#include <stdatomic.h>
#include <time.h>
#include "clock.h"

#define NTP_TO_UNIX_S 2208988800ULL /* 1900 to 1970, RFC 5905 figure 4 */

static _Atomic int64_t faked = -1;

static int64_t read_us(clockid_t clock)
{
	struct timespec ts;
	clock_gettime(clock, &ts);
	return ts.tv_sec * US_PER_S + ts.tv_nsec / 1000;
}

int64_t clock_now_us(void)
{
	int64_t f = atomic_load_explicit(&faked, memory_order_relaxed);
	return f < 0 ? read_us(CLOCK_MONOTONIC) : f;
}

int64_t clock_wall_us(void)
{
	return read_us(CLOCK_REALTIME);
}

uint64_t clock_ntp(int64_t wall_us)
{
	uint64_t s = (uint64_t)(wall_us / US_PER_S), us = (uint64_t)(wall_us % US_PER_S);
	return (s + NTP_TO_UNIX_S) << 32 | (us << 32) / US_PER_S;
}

void clock_fake(int64_t now_us)
{
	atomic_store_explicit(&faked, now_us, memory_order_relaxed);
}
