/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** @file
 * What usrsctp holds of a peer's data, counted in packets as they pass. usrsctp counts bytes: a
 * message of one byte, or a piece of one, takes five hundred, and its whole packet when that is
 * large. So no chunk gets to it that is far ahead of what it has acknowledged, or for which there
 * is no room above; the peer sends it again later (RFC 9260, 6.2: what is not acknowledged may be
 * dropped). Such a chunk is made a duplicate of the last one acknowledged: usrsctp keeps nothing of
 * it, and answers at once with a SACK, so that an honest peer knows of its window. Pieces that are
 * acknowledged, and not yet a message, have a limit, too: the association of who goes beyond is
 * over. So have resets of streams that wait for data: one beyond is not heard, until there is room.
 * Packets are changed in place; the caller computes the checksum. */
#define SCTP_AHEAD 512 /**< chunks ahead of what is acknowledged: more than a full window of them  \
			*/

struct sctp_piece {
	uint16_t stream, ssn; /* ssn: 0 when unordered */
	uint8_t flags;        /* of the chunk, and IS_SEEN */
	uint8_t cost;         /* memory, in units of 16 bytes */
};
struct sctp_held {
	bool is_known;      /* what we have acknowledged, which the first SACK says */
	bool is_abused;     /* beyond doubt */
	uint32_t acked;     /* TSN */
	uint32_t begins[2]; /* the peer's first TSN, as in INIT and in INIT ACK */
	unsigned n;         /* chunks ahead of that … */
	unsigned n_new;     /* … and all since the last sctp_held_blocked() */
	struct sctp_piece ahead[SCTP_AHEAD]; /* by TSN modulo that */
	struct sctp_piece first; /* of a message that is not whole: the first of its pieces … */
	unsigned n_run, run;     /* … how many there are, and their memory; 0: none */
	unsigned left;           /* memory of those that were not continued */
	const uint8_t *skipped;  /* FORWARD TSN's list of streams, while there is one … */
	size_t n_skipped;        /* … and its length */
	unsigned n_resets;       /* of streams, that wait for data … */
	uint32_t reset_at;       /* … up to this TSN */
	uint32_t window;         /* the last that the peer was told */
};
void sctp_held_begin(struct sctp_held *h);
/** What the peer says, before usrsctp hears it. @param is_full no more data for now
 *  @return whether the packet was changed */
bool sctp_held_in(struct sctp_held *h, uint8_t *packet, size_t len, bool is_full);
/** What usrsctp says, before the peer hears it. @param unread bytes by which the window is smaller
 *  than usrsctp says. @return whether the packet was changed */
bool sctp_held_out(struct sctp_held *h, uint8_t *packet, size_t len, size_t unread);
/** usrsctp has @p n chunks and messages that it cannot deliver. */
void sctp_held_blocked(struct sctp_held *h, unsigned n);
/** A packet that makes usrsctp say a SACK. @param to_us ports and tag of packets to us */
#define SCTP_HELD_REPEAT 32
void sctp_held_repeat(
	const struct sctp_held *h, const uint8_t to_us[8], uint8_t out[SCTP_HELD_REPEAT]);
