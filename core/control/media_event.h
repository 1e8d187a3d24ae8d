/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <jansson.h>
#include <stdbool.h>

/** @file
 * Events that tell the client of one m-line: whether anything arrives on it, and how well.
 * worker_reports.c sends them as workers report, description.c where an agreement ends media.
 * Control thread. */
struct peerconn;

/** The m-line, or a layer of it, has begun or ceased to receive. @param substream -1: the line
 *  @param seconds of silence, where it has ceased */
void media_event_receiving(
	struct peerconn *pc, unsigned mindex, int substream, bool on, unsigned seconds);
/** The m-line does not receive any more by agreement: the client hears of it at once. */
void media_event_stopped(struct peerconn *pc, unsigned mindex);
/** {"janus": "slowlink", …}; new reference. */
json_t *media_event_slow_link(
	const struct peerconn *pc, unsigned mindex, bool uplink, unsigned lost);
