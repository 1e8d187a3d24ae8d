/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../../base/buf.h"
#include "../track.h"

/** @file
 * What the routers of two workers say to each other. A track that is wanted on another worker than
 * its own crosses there once, over a trunk, and is fanned out, kept and sent again on that side as
 * if it had been received there: by a mirror of its receiver. Back go only wishes for keyframes and
 * which layers are wanted. Flat and versioned: the far end may be another process or host. Messages
 * of one direction arrive in order, or not at all; of those that are lost none is lost for good:
 *  - the far side says every second what it wants and which version of the track it knows, and at
 *    once when a packet comes of another; home answers with the track if there is a newer one, or
 *    with its end if it is gone;
 *  - what comes for nobody is refused; a wish for a keyframe is repeated until one comes;
 *  - reports and signs of life follow one another. */
#define TRUNK_VERSION 3

enum trunk_type {
	/* to the receiver's home */
	TRUNK_SUBSCRIBE = 1, /**< again and again; answered by what the far side does not know */
	TRUNK_UNSUBSCRIBE,
	TRUNK_KEYFRAME, /**< adds its layer to those wanted */
	/* from there */
	TRUNK_TRACK, /**< what is received, also after a change */
	TRUNK_PACKET,
	TRUNK_ALIVE,  /**< a layer that is not wanted brought a frame */
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
	uint8_t again;      /**< enum pkt_again */
	uint8_t has_missed; /**< of its layer there came what was not sent … */
	uint16_t missed;    /**< … up to this number */
	uint16_t ext_off[16];
	uint8_t ext_len[16];
	uint8_t data[PKT_CAP]; /**< cut off behind @p len */
};

struct trunk_msg {
	uint8_t version, type;
	uint8_t layer;  /**< of KEYFRAME, PACKET, ALIVE, REPORT */
	uint8_t layers; /**< of SUBSCRIBE: those wanted, bits */
	uint16_t from;  /**< the worker that speaks */
	uint16_t mindex;
	uint64_t peer;          /**< the publisher's id */
	uint32_t track_version; /**< of TRACK and PACKET: theirs; of SUBSCRIBE: the one known, 0:
				   none */
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
struct router;
/** Say it to the router of another worker. */
void trunk_send(struct router *r, unsigned worker, struct trunk_msg *m);
