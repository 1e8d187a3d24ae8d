/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** @file
 * Reading bits, the highest of each byte first, as the headers of video codecs and the dependency
 * descriptor have them. Behind the end there are zeros, and `over` says that it was passed. */
struct bits {
	const uint8_t *p;
	size_t at, end; /**< in bits */
	bool over;
};
static inline struct bits bits_of(const uint8_t *p, size_t len)
{
	return (struct bits){ p, 0, len * 8, false };
}
/** @param n at most 32 */
static inline uint32_t bits_take(struct bits *b, unsigned n)
{
	uint32_t v = 0;
	if (b->end - b->at < n) {
		b->over = true;
		b->at = b->end;
		return 0;
	}
	for (; n--; b->at++)
		v = v << 1 | (b->p[b->at / 8] >> (7 - b->at % 8) & 1);
	return v;
}
static inline void bits_skip(struct bits *b, size_t n)
{
	if (b->end - b->at < n) {
		b->over = true;
		n = b->end - b->at;
	}
	b->at += n;
}
/** Exp-Golomb, as H.264 and H.265 have it: 1 → 0, 010 → 1, 011 → 2, 00100 → 3, … */
static inline uint32_t bits_ue(struct bits *b)
{
	unsigned zeros = 0;
	while (!b->over && zeros < 32 && !bits_take(b, 1))
		zeros++;
	if (b->over || zeros == 32)
		return 0;
	return (1u << zeros) - 1 + bits_take(b, zeros);
}
/** The same with a sign: 0, 1, -1, 2, -2, … */
static inline int32_t bits_se(struct bits *b)
{
	uint32_t v = bits_ue(b);
	return v & 1 ? (int32_t)(v / 2) + 1 : -(int32_t)(v / 2);
}
