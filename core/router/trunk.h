/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/buf.h"
#include "track.h"

/** @file
 * What the routers of two workers say to each other. A track that is wanted on another worker than
 * its own crosses there once, over a trunk, and is fanned out, kept and sent again on that side as
 * if it had been received there: by a mirror of its receiver. Back go only wishes for keyframes and
 * which layers are wanted. Flat and versioned: the far end may be another process or host. Messages
 * of one direction arrive in order, or not at all. */
#define TRUNK_VERSION 2

enum trunk_type {
	/* to the receiver's home */
	TRUNK_SUBSCRIBE = 1, /**< answered by TRUNK_TRACK or TRUNK_END */
	TRUNK_UNSUBSCRIBE,
	TRUNK_KEYFRAME,
	TRUNK_LAYERS, /**< which are wanted; all at first. Wishing for a keyframe adds one. */
	/* from there */
	TRUNK_TRACK, /**< what is received, also after a change */
	TRUNK_PACKET,
	TRUNK_ALIVE,  /**< a layer that is not wanted comes */
	TRUNK_REPORT, /**< a sender report came */
	TRUNK_END,    /**< there is no such receiver any more */
};

/** A packet in the clear, with what was read in it. */
struct trunk_packet {
	int64_t at_us;
	uint32_t gen; /**< another one than before: numbering began anew */
	uint32_t ssrc, ts;
	uint16_t seq, len, payload, payload_len;
	uint8_t pt, marker;
	uint8_t has_missed; /**< of its layer there came what was not sent … */
	uint16_t missed;    /**< … up to this number */
	uint16_t ext_off[16];
	uint8_t ext_len[16];
	uint8_t data[PKT_CAP]; /**< cut off behind @p len */
};

struct trunk_msg {
	uint8_t version, type;
	uint8_t layer;  /**< of KEYFRAME, PACKET, ALIVE, REPORT */
	uint8_t layers; /**< of LAYERS: bits */
	uint16_t from;  /**< the worker that speaks */
	uint16_t mindex;
	uint64_t peer; /**< the publisher's id */
	union {
		struct track track;
		struct trunk_packet packet;
		struct {
			int64_t at_us;
		} alive;
		struct {
			uint64_t ntp;
			int64_t at_us;
			uint32_t ts;
		} report;
	};
};
/** Bytes of a message that carry meaning; 0: no such type. */
size_t trunk_len(const struct trunk_msg *m);
