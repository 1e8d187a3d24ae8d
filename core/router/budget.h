/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/** @file
 * A budget by time: so many at once, and then one per interval. Zeroed, it is full. */
struct budget {
	int64_t at_us; /**< until when `left` is reckoned; 0: never used */
	uint32_t left;
};

static inline void budget_fill(struct budget *b, uint32_t most, int64_t each_us, int64_t now_us)
{
	int64_t n = (now_us - b->at_us) / each_us;
	if (!b->at_us || b->left + n >= most) {
		b->left = most;
		b->at_us = now_us;
	} else if (n > 0) {
		b->left += (uint32_t)n;
		b->at_us += n * each_us;
	}
}
/** @return may it be done now? Then it counts. */
static inline bool budget_take(struct budget *b, uint32_t most, int64_t each_us, int64_t now_us)
{
	budget_fill(b, most, each_us, now_us);
	if (!b->left)
		return false;
	b->left--;
	return true;
}
/** @return when it may be done. */
static inline int64_t budget_when(struct budget *b, uint32_t most, int64_t each_us, int64_t now_us)
{
	budget_fill(b, most, each_us, now_us);
	return b->left ? now_us : b->at_us + each_us;
}
