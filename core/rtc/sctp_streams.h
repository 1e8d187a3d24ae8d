/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "sctp_packet.h"

/** @file
 * An association that has 1,024 streams each way for its peer, and as few as are used for usrsctp,
 * which takes a hundred bytes for each pair. usrsctp can add streams to an association (RFC
 * 6525, 5.2.5), but not all peers can: so the two of them never speak of it. usrsctp is told of
 * fewer streams in INIT and INIT ACK than the peer is, and gets its requests to add some, and its
 * answers to such requests, from here. As these take numbers of their own, the numbers of all other
 * requests are changed on their way (worked example: two additions so far; usrsctp's request 12 is
 * the peer's 10, and the peer's response to 10 is usrsctp's to 12). Packets are changed in place,
 * checksums are for the caller. */

struct sctp_streams {
	uint8_t ports[4]; /**< of packets to us, as they are in the header */
	uint8_t tag[4];
	unsigned n_in, n_out;         /**< what usrsctp has */
	unsigned peer_in, peer_out;   /**< what the peer has at most, and uses */
	uint32_t added_in, added_out; /**< requests that the peer knows nothing of */
	uint32_t tags[2];             /**< the peer's, of INIT and of INIT ACK … */
	uint32_t own[2];              /**< … and ours, which are on packets to us */
	uint32_t next[2]; /**< the peer's next request, counted from INIT and from INIT ACK */
	uint32_t asked;   /**< our request in the peer's name … */
	bool is_asking;
	uint32_t result;  /**< … and what usrsctp returned */
	bool has_request; /**< usrsctp wants more streams … */
	uint32_t request; /**< … by this request */
	bool did_reset;   /**< it has sent a request to reset some */
};
/** @return the tag of an INIT that is whole, alone and without fault (RFC 9260, 3.3.2); 0: the
 * packet is something else */
uint32_t sctp_streams_init(const uint8_t *packet, size_t len);
/** Is the packet one of the association, as its tag says (RFC 9260, 8.5)? */
bool sctp_streams_is_ours(const struct sctp_streams *s, const uint8_t *packet, size_t len);
/** Has it the tag of the COOKIE ECHO by which the association came up? */
bool sctp_streams_is_up_with(const struct sctp_streams *s, const uint8_t *packet);
/** A packet of the peer's, data apart, before usrsctp gets it. */
void sctp_streams_in(struct sctp_streams *s, uint8_t *packet, size_t len);
/** @return the highest stream id in a packet of data and 1 */
unsigned sctp_streams_used(const uint8_t *data, size_t len);
/** A packet of usrsctp's, before the peer gets it. @return its length, 0: it is not for the peer */
size_t sctp_streams_out(struct sctp_streams *s, uint8_t *packet, size_t len);
/** How many to add to @p now, so that there are @p wanted: in steps of twice as many. */
unsigned sctp_streams_growth(unsigned now, unsigned wanted, unsigned limit);
#define SCTP_STREAMS_PACKET 32 /**< room for the packets below */
#define SCTP_STREAMS_ASK    28 /**< bytes of the first */
/** The packet by which the peer would add streams of its own.
 *  @param n_try 0, then 1: there are two ways to count, and the wrong one changes nothing */
void sctp_streams_ask(
	struct sctp_streams *s, unsigned n, unsigned n_try, uint8_t out[SCTP_STREAMS_PACKET]);
/** The packet by which the peer would grant usrsctp's request. @return its length */
size_t sctp_streams_grant(struct sctp_streams *s, uint8_t out[SCTP_STREAMS_PACKET]);
/** usrsctp denies a request to reset more streams than this, and the peer may list all of its own.
 */
#define SCTP_RESET_MAX   248
#define SCTP_RESET_BYTES (32 + 2 * SCTP_RESET_MAX) /**< of the packet below */
/** A part of a request of the peer's that is too long: the packet by which it would have made one
 * of that alone. @return its length, 0: there is no such request (any more). Fed, and result 1 or 6
 * (performed, or in progress): sctp_streams_cut() */
size_t sctp_streams_part(
	struct sctp_streams *s, uint8_t *packet, size_t len, uint8_t out[SCTP_RESET_BYTES]);
/** Take that part away from the request. @return the packet's length now */
size_t sctp_streams_cut(struct sctp_streams *s, uint8_t *packet, size_t len);
