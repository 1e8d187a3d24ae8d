/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/** @file
 * Mutations of good input for the parser tests. Seeded, so that a failure comes back on the next
 * run: a test prints its seed and round, and mutate_seed() starts from there. */

static uint64_t mutate_state = 0x9e3779b97f4a7c15ULL;

static inline void mutate_seed(uint64_t seed)
{
	mutate_state = seed * 0x9e3779b97f4a7c15ULL | 1; /* never 0, where xorshift would stay */
}

/** The next number of the seeded sequence (xorshift64*). */
static inline uint64_t mutate_next(void)
{
	uint64_t x = mutate_state;
	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	mutate_state = x;
	return x * 0x2545f4914f6cdd1dULL;
}

/** A number below @p n; 0 when @p n is 0. */
static inline size_t mutate_below(size_t n)
{
	return n ? (size_t)(mutate_next() >> 11) % n : 0;
}

/** Copy a random piece of @p buf over or into another place of it, or cut one out. @return the new
 *  length. */
static inline size_t mutate_piece(uint8_t *buf, size_t len, size_t cap)
{
	size_t from = mutate_below(len), n = 1 + mutate_below(len - from),
	       to = mutate_below(len + 1);
	uint8_t *piece;
	switch (mutate_below(3)) {
	case 0: /* overwrite */
		if (n > len - to)
			n = len - to;
		memmove(buf + to, buf + from, n);
		return len;
	case 1: /* cut */
		memmove(buf + from, buf + from + n, len - from - n);
		return len - n;
	default: /* insert */
		if (n > cap - len)
			n = cap - len;
		piece = malloc(n + 1);
		if (!piece)
			return len;
		memcpy(piece, buf + from, n);
		memmove(buf + to + n, buf + to, len - to);
		memcpy(buf + to, piece, n);
		free(piece);
		return len + n;
	}
}

/** Change @p buf in one to four ways: bits flipped, bytes replaced by random or by notorious
 *  values, pieces doubled, moved or cut, the end cut off.
 *  @param cap room in buf, at least len
 *  @return the new length, at most cap. */
static inline size_t mutate(void *data, size_t len, size_t cap)
{
	static const uint8_t notorious[] = { 0, 1, 0x7f, 0x80, 0xff, '"', '\\', '{', '}', '[', ']',
		':', ',', '\r', '\n', ' ', '-', '0', '9', '=' };
	uint8_t *buf = data;
	size_t rounds = 1 + mutate_below(4);
	while (rounds--) {
		size_t at = mutate_below(len);
		if (!len) {
			if (!cap)
				return 0;
			buf[len++] = (uint8_t)mutate_next();
			continue;
		}
		switch (mutate_below(8)) {
		case 0:
		case 1:
			buf[at] ^= (uint8_t)(1u << mutate_below(8));
			break;
		case 2:
			buf[at] = (uint8_t)(mutate_next() >> 32);
			break;
		case 3:
		case 4:
			buf[at] = notorious[mutate_below(sizeof notorious)];
			break;
		case 5:
			len = at;
			break;
		default:
			len = mutate_piece(buf, len, cap);
		}
	}
	return len;
}
