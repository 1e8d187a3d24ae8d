/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../router/track.h"
#include "../rtc/rtc.h"

/** @file
 * What is wanted of a PeerConnection's m-lines and what its worker has been told of it. A wish is
 * remembered first and told then: where the worker's queue has no room it stays due, and is told
 * later, as it is then. Control thread. */
struct peerconn;

/** Of one m-line. Zero: nothing is wanted. */
struct wanted {
	uint64_t from_peer; /**< whose track it carries; 0: nobody's */
	struct route route;
	uint16_t watch_packets;
	uint8_t watch_level;
	bool muted;
	uint8_t due; /**< what the worker has yet to be told: bits of told.c's */
};

/** Wishes for m-line @p mindex; beyond those there are nothing happens. */
void want_route(
	struct peerconn *to, unsigned mindex, struct peerconn *from, const struct route *route);
void want_no_route(struct peerconn *to, unsigned mindex);
void want_mute(struct peerconn *pc, unsigned mindex, bool muted);
void want_watch(struct peerconn *pc, unsigned mindex, unsigned packets, unsigned level);
void want_keyframe(struct peerconn *pc, unsigned mindex);
void want_limit(struct peerconn *pc, uint32_t bps);

/** Room for wishes for @p n m-lines. */
void want_lines(struct peerconn *pc, unsigned n);
/** Post the tracks that were agreed on and that the worker does not know, then all wishes that are
 * due.
 *  @return false: the queue is full, and some are due still */
bool told_tracks(struct peerconn *pc);
bool told_wishes(struct peerconn *pc);
void told_free(struct peerconn *pc);
