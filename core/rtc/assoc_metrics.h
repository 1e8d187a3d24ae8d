/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/metric.h"

/** @file
 * What is counted of associations. A leaf, but for the counters of channels. */
extern struct metric assoc_handshakes, assoc_failures, assoc_unsettled, assoc_broken,
	assoc_renewals, assoc_unsent;
/** Show them, and those of channels, at /metrics. Once. */
void assoc_metrics(void);
