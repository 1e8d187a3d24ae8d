/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../rtc/msg.h"

/** @file
 * Statistics of all PeerConnections for event handlers (type 32, subtype 3), each
 * events.stats_period. Workers are asked, spread over the period; worker_reports.c brings what they
 * say. Control thread. */
struct loop;
struct peerconn;

void stats_events_start(struct loop *loop); /**< Does nothing where events are off. */
void stats_events_stop(void);
/** Was it asked for here, and not for somebody's handle_info? */
bool stats_event_is(const struct peer_stats *s);
void stats_event_report(const struct peerconn *pc, const struct peer_stats *s);
