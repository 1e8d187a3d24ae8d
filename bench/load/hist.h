/* SPDX-License-Identifier: Apache-2.0 */
/** A log-linear histogram of nanoseconds with a resolution of 1.6 %. */
#ifndef LOAD_HIST_H
#define LOAD_HIST_H
#include <stdint.h>

#define HIST_STEPS   64
#define HIST_BUCKETS (58 * HIST_STEPS)

struct hist {
	uint64_t n, max;
	uint32_t bucket[HIST_BUCKETS];
};

void hist_reset(struct hist *h);
void hist_add(struct hist *h, uint64_t ns);
/** The value in milliseconds below which @p percent of all lie; 0 when there are none. */
double hist_ms(const struct hist *h, double percent);
double hist_max_ms(const struct hist *h);
#endif
