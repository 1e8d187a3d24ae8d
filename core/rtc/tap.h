/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/queue.h"
#include "../rtp/rtp.h"

/** @file
 * Where a capture branches off: all RTP and RTCP of a peer, where it is in the clear, in both
 * directions, goes into a queue (capture/capture_msg.h). Not a sink, for that has one track in,
 * as it was meant: here is what was on the wire, retransmissions and padding too, and what goes
 * out, which no receiver has. A peer's worker, all of it. */
struct tap;

/** @param queue borrowed. @param truncate bytes of a packet that are kept; 0: all
 *  @return NULL: no memory, and the capture has ended */
struct tap *tap_new(struct queue *queue, uint64_t id, uint32_t truncate);
/** The capture ends. NULL is fine. */
void tap_free(struct tap *t);
/** A capture of a peer that is not there ends at once. @param queue NULL is fine */
void tap_refuse(struct queue *queue, uint64_t id);

void tap_in(struct tap *t, bool is_rtcp, const uint8_t *data, size_t len, int64_t now_us);
void tap_rtp_out(struct tap *t, const struct rtp_parts *parts, int64_t now_us);
void tap_rtcp_out(struct tap *t, const uint8_t *data, size_t len, int64_t now_us);
