/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "sctp_packet.h"

/** @file
 * What usrsctp holds of a peer's data, counted in packets as they pass. usrsctp counts bytes: a
 * message of one byte, or a piece of one, takes five hundred, and its whole packet when that is
 * large. So no chunk gets to it that is far ahead of what it has acknowledged, or for which there
 * is no room, in it or above; the peer sends it again later (RFC 9260, 6.2: what is not
 * acknowledged may be dropped). Such a chunk is made a duplicate of the last one acknowledged:
 * usrsctp keeps nothing of it, and answers at once with a SACK, so that an honest peer knows of its
 * window. Pieces of one message have a limit, too: the association of who goes beyond is over. A
 * A message may not be heard in the midst of another (see is_torn()), and a
 * reset of streams is not heard before the data that it is behind (RFC 6525, 5.2.2): usrsctp would
 * keep it, and forget to perform it until more data comes. Only packets of the association may be
 * given, their data apart: see sctp_split(), sctp_streams_is_ours(). Packets are changed in place;
 * checksums are for the caller. */
#define SCTP_AHEAD \
	4096 /**< chunks ahead of what is acknowledged at most: a full window of small ones */
#define SCTP_SMALL 800 /**< bytes of a packet of several chunks; a larger chunk is fed alone */

struct sctp_piece {
	uint16_t stream, ssn; /* ssn: 0 when unordered */
	uint16_t len;         /* bytes of data */
	uint8_t flags;        /* of the chunk, and IS_SEEN */
	uint8_t cost;         /* memory, in units of 16 bytes */
};
struct sctp_held {
	bool is_known;             /* what we have acknowledged, as the first SACK shows */
	bool is_abused;            /* beyond doubt: a message in too many pieces */
	bool is_waiting;           /* more waits for something than should, for long … */
	bool is_full;              /* … or at all: see sctp_held_look() */
	uint32_t acked;            /* TSN */
	uint32_t skipped;          /* TSN up to which the peer has given up, last … */
	bool did_skip;             /* … if it ever has */
	uint32_t begins[2];        /* the peer's first TSN, as in INIT and in INIT ACK */
	unsigned n;                /* chunks ahead of that … */
	unsigned n_new;            /* … and all since the last sctp_held_look() */
	struct sctp_piece *ahead;  /* by TSN modulo … */
	unsigned n_ahead;          /* … this, a power of two; 0: none yet */
	unsigned ahead_len, waits; /* of them: bytes of data, and memory */
	unsigned n_deferred;       /* resets that usrsctp has put off, ever */
	struct sctp_piece first;   /* of a message that is not whole … */
	unsigned n_run;            /* … how many of its pieces there are; 0: none */
	unsigned run, run_len;     /* … what memory they take, and bytes of data */
	unsigned left;             /* memory of those that were not continued */
	uint32_t window;           /* the last that the peer was told */
};
void sctp_held_begin(struct sctp_held *h);
void sctp_held_end(struct sctp_held *h);
/** A packet of the peer's, before usrsctp gets it: all but data … */
void sctp_held_control(struct sctp_held *h, uint8_t *packet, size_t len);
/** … and data. @param is_full no more for now */
void sctp_held_data(struct sctp_held *h, uint8_t *packet, size_t len, bool is_full);
/** A packet of usrsctp's, before the peer gets it. @param unread bytes by which the window is
 *  smaller than usrsctp announces */
void sctp_held_out(struct sctp_held *h, uint8_t *packet, size_t len, size_t unread);
/** Should sctp_held_look() be called? */
bool sctp_held_wonders(const struct sctp_held *h);
/** usrsctp has @p n chunks and messages, of so many bytes, that it cannot deliver. */
void sctp_held_look(struct sctp_held *h, unsigned n, unsigned bytes);
/** A packet that makes usrsctp send a SACK. @param to_us ports and tag of packets to us */
#define SCTP_HELD_REPEAT 32
void sctp_held_repeat(
	const struct sctp_held *h, const uint8_t to_us[8], uint8_t out[SCTP_HELD_REPEAT]);
