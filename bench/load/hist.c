/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "hist.h"

void hist_reset(struct hist *h)
{
	memset(h, 0, sizeof(*h));
}

static int bucket_of(uint64_t v)
{
	if (v < HIST_STEPS)
		return (int)v;
	int exponent = 63 - __builtin_clzll(v); /* at least 6 */
	int b = (exponent - 5) * HIST_STEPS + (int)((v >> (exponent - 6)) & (HIST_STEPS - 1));
	return b < HIST_BUCKETS ? b : HIST_BUCKETS - 1;
}

static uint64_t middle_of(int b)
{
	if (b < HIST_STEPS)
		return (uint64_t)b;
	int exponent = b / HIST_STEPS + 5;
	uint64_t low = (uint64_t)(HIST_STEPS + b % HIST_STEPS) << (exponent - 6);
	return low + ((1ull << (exponent - 6)) >> 1);
}

void hist_add(struct hist *h, uint64_t ns)
{
	h->bucket[bucket_of(ns)]++;
	h->n++;
	if (ns > h->max)
		h->max = ns;
}

double hist_ms(const struct hist *h, double percent)
{
	uint64_t want = (uint64_t)((double)h->n * percent / 100.0 + 0.5), seen = 0;
	for (int i = 0; h->n && i < HIST_BUCKETS; i++) {
		seen += h->bucket[i];
		if (seen && seen >= want) {
			uint64_t v = middle_of(i);
			return (double)(v > h->max ? h->max : v) / 1e6;
		}
	}
	return hist_max_ms(h);
}

double hist_max_ms(const struct hist *h)
{
	return (double)h->max / 1e6;
}
