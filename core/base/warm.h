/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>

/** @file
 * Memory that will be needed soon is asked for ahead of its time. The peers of a room lie far
 * apart, and between two frames much of what they need has left the processor's caches: waiting for
 * it takes longer than the work on it. */
#define WARM_LINE 64 /**< bytes of a cache line */

/** Ask for @p len bytes. Never faults, never waits. Any thread. NULL is fine. */
static inline void warm(const void *at, size_t len)
{
	if (!at)
		return;
	for (const char *p = at, *end = p + len; p < end; p += WARM_LINE)
		__builtin_prefetch(p);
}
