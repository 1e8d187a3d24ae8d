/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "peer.h"
#include "track_stats.h"

/** @file
 * What is told of a peer's tracks when somebody asks: totals of its receivers and senders. Below
 * router.c; a worker reports them to control (rtc/msg.h). */

/** Write the tracks of @p p, @p max at most. @return how many */
unsigned stats_of_peer(const struct peer *p, struct track_stats *out, unsigned max);
