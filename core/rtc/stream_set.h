/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/** @file
 * A set of the streams of an association, as a bit for each. */
static inline bool stream_set_has(const uint32_t *bits, unsigned stream)
{
	return bits[stream / 32] >> stream % 32 & 1;
}
static inline void stream_set_put(uint32_t *bits, unsigned stream)
{
	bits[stream / 32] |= 1u << stream % 32;
}
static inline void stream_set_take(uint32_t *bits, unsigned stream)
{
	bits[stream / 32] &= ~(1u << stream % 32);
}
