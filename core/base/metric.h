/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>
#include <stdatomic.h>

/** @file
 * Counters that one thread writes and any thread reads: relaxed atomics, no lock. Names are
 * cardea_<area>_<what>_<unit>; `make docs` puts name and help into docs/metrics.md, where each area
 *  has a heading. */
struct metric {
	const char *name, *help;
	_Atomic uint64_t value;
	struct metric *next;
};
/** Add to the list that is shown at /metrics. @p m must outlive the program (static). Any thread,
 *  once each. */
void metric_register(struct metric *m);
static inline void metric_add(struct metric *m, uint64_t n)
{
	atomic_fetch_add_explicit(&m->value, n, memory_order_relaxed);
}
static inline void metric_set(struct metric *m, uint64_t v)
{
	atomic_store_explicit(&m->value, v, memory_order_relaxed);
}
/** The Prometheus text of all metrics. @return owned by the caller (free()). Any thread. */
char *metric_text(void);
