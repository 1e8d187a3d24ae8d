/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../../rtp/payload.h"
#include "../track.h"

/** @file
 * What a sink is asked for, and the records that it writes into its queue, as flat values: the
 * first travels from the control thread to a worker, the others from there to whoever reads the
 * queue. Only readers on other threads include this; the sink itself is sink.h. */

/** A sink as it is wanted. Wanted again under the same id, it is changed. */
struct sink_want {
	uint64_t id; /**< chosen by who wants it; of one worker */
	/** the peer and m-line that it takes; 0: none for now. One that is gone is told as
	 *  SINK_SOURCE_ENDED. */
	uint64_t from_peer;
	uint16_t from_worker, from_mindex;
	uint8_t kind;   /**< enum cardea_kind of the m-line */
	uint8_t queue;  /**< number: see sink_queue.h */
	uint8_t layers; /**< of simulcast, bits; 0: one at a time, the best that comes */
	uint32_t share; /**< bytes that its packets may take in one batch of the queue */
};

enum sink_type {
	SINK_TRACK = 1,    /**< what is received, at first and whenever it changes */
	SINK_PACKETS,      /**< a batch: see sink_next() */
	SINK_REPORT,       /**< a sender report: NTP time and RTP time of one instant */
	SINK_LOST,         /**< nothing but `lost` */
	SINK_SOURCE_ENDED, /**< the source is gone; the sink waits to be given another */
	SINK_CLOSED,       /**< the last record of this sink */
};

struct sink_record {
	uint32_t type; /**< enum sink_type */
	uint32_t lost; /**< packets that the queue had no room for, since the record before */
	uint64_t sink; /**< its id */
	union {
		struct {
			struct track t;
			uint64_t peer;
			uint8_t muted; /**< by control; not known of another worker's peer */
		} track;
		struct {
			uint32_t n;
		} packets;
		struct {
			uint64_t ntp;
			int64_t at_us; /**< when it came */
			uint32_t ts;
			uint8_t layer;
		} report;
	};
};
#define SINK_HEAD (offsetof(struct sink_record, packets) + 8) /**< bytes before the first packet */

/** A packet as it was sent at first: in the clear, without padding, not as a retransmission. */
struct sink_packet {
	int64_t at_us; /**< when it came, clock_now_us() */
	/** another one than before in this layer: numbering began anew, or it was muted; pictures
	 *  begin with a keyframe */
	uint32_t gen;
	uint32_t ts;
	uint16_t seq;
	uint8_t layer;
	bool is_empty; /**< padding, or of a payload type that was not agreed on: a number only */
	uint16_t len;  /**< of the RTP packet */
	uint16_t payload, payload_len; /**< where in it, and how long */
	struct payload_info info;
};

/** The RTP packet. */
static inline const uint8_t *sink_rtp(const struct sink_packet *p)
{
	return (const uint8_t *)(p + 1);
}
/** Walk the packets of a SINK_PACKETS record of @p n bytes. @param p NULL: the first
 *  @return NULL: no more */
const struct sink_packet *sink_next(
	const struct sink_record *r, size_t n, const struct sink_packet *p);
