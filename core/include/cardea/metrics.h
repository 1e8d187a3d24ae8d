/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>
#include <cardea/log.h>

/** @file
 * Figures of a plugin's own at /metrics. */
struct cardea_metric;

#define CARDEA_METRICS 64 /**< of a plugin at most */
/** Have a figure shown as cardea_<plugin>_<name>. Control thread, from hooks; asked for again, it
 *  is the same.
 *  @param name a-z, 0-9 and _, 60 bytes at most; one that only grows ends in "_total" (a counter),
 *  a unit stands at the end of others ("queue_bytes": a gauge)
 *  @param help one line, ends with a full stop; copied
 *  @return valid as long as the server runs; NULL: a bad name, or there are CARDEA_METRICS */
CARDEA_API struct cardea_metric *cardea_metric(const char *name, const char *help);
/** Any thread; NULL is fine. */
CARDEA_API void cardea_metric_add(struct cardea_metric *m, int64_t n);
/** Any thread; NULL is fine. */
CARDEA_API void cardea_metric_set(struct cardea_metric *m, uint64_t value);
