/* SPDX-License-Identifier: Apache-2.0 */
/* Between usrsctp and the peer, where memory for the peer's data is concerned. */
#include "sctp_held.h"
#include <string.h>
#include "../rtp/rtp.h"

#define COMMON      12 /* header of a packet: ports, tag, checksum */
#define HEAD        4  /* of a chunk */
#define DATA_HEADER 16
#define SACK_HEADER 16
#define WINDOW_MAX  (512u << 10)
#define IS_SEEN     0x80
#define EARLY_MAX   64 /* chunks before our first SACK */

/* What usrsctp takes, as measured: for a chunk, and for a packet that does not fit into its small
 * buffers, of which the last of its chunks keeps all. */
#define UNIT         16
#define CHUNK_COST   640
#define LARGE        800
#define PACKET_COST  2048
#define RUN_MAX      (800u << 10) /* a message of 256 KiB in pieces of 850 bytes */
#define LEFT_MAX     (128u << 10)
#define BLOCKED_MAX  64

enum { DATA = 0, SACK = 3 };
enum { LAST = 1, FIRST = 2, UNORDERED = 4 };

void sctp_held_begin(struct sctp_held *h)
{
	memset(h, 0, sizeof(*h));
	h->window = WINDOW_MAX;
}

/* @return the next chunk of a type, NULL: none; *at is behind it */
static uint8_t *next(uint8_t *packet, size_t *at, size_t end, unsigned type, size_t size)
{
	while (*at + HEAD <= end) {
		uint8_t *c = packet + *at;
		size_t n = rd16(c + 2);
		if (n < HEAD || n > end - *at)
			break;
		*at += (n + 3) & ~(size_t)3;
		if (c[0] == type && n >= size)
			return c;
	}
	return NULL;
}

/* ---- from the peer ---- */

static struct sctp_piece *place(struct sctp_held *h, uint32_t tsn)
{
	return &h->ahead[tsn % SCTP_AHEAD];
}

static bool is_ahead(const struct sctp_held *h, uint32_t tsn)
{
	return tsn - h->acked - 1 < SCTP_AHEAD;
}

static bool is_old(const struct sctp_held *h, uint32_t tsn)
{
	return (int32_t)(tsn - h->acked) <= 0;
}

static struct sctp_piece read_piece(const uint8_t *c)
{
	struct sctp_piece p = { .stream = rd16(c + 8),
		.ssn = c[1] & UNORDERED ? 0 : rd16(c + 10),
		.flags = (c[1] & (LAST | FIRST | UNORDERED)) | IS_SEEN };
	return p;
}

/* What is sent again must be what it was: else we could not know which of them usrsctp has. */
static void put(struct sctp_held *h, uint32_t tsn, struct sctp_piece piece)
{
	struct sctp_piece *p = place(h, tsn);
	if (p->flags & IS_SEEN) {
		h->is_abused |= p->flags != piece.flags || p->stream != piece.stream ||
				p->ssn != piece.ssn;
		if (piece.cost < p->cost)
			piece.cost = p->cost;
	} else {
		h->n++;
		h->n_new++;
	}
	*p = piece;
}

static unsigned count_new(struct sctp_held *h, uint8_t *packet, size_t len)
{
	size_t at = COMMON;
	unsigned n = 0;
	uint8_t *c;
	while ((c = next(packet, &at, len, DATA, DATA_HEADER)))
		n += is_ahead(h, rd32(c + 4)) && !(place(h, rd32(c + 4))->flags & IS_SEEN);
	return n ? n : 1;
}

/* Nothing is known before our first SACK, which comes with the first chunk. */
static bool early(struct sctp_held *h, uint8_t *packet, size_t len)
{
	size_t at = COMMON;
	bool is_changed = false;
	uint8_t *c;
	while ((c = next(packet, &at, len, DATA, DATA_HEADER)))
		if (++h->n_new > EARLY_MAX) {
			c[0] = 0xbf; /* RFC 9260, 3.2: skip what is not known */
			is_changed = true;
		}
	return is_changed;
}

bool sctp_held_in(struct sctp_held *h, uint8_t *packet, size_t len, bool is_full)
{
	size_t at = COMMON;
	bool is_changed = false;
	uint8_t *c;
	if (!h->is_known)
		return early(h, packet, len);
	unsigned share = len > LARGE ? PACKET_COST / count_new(h, packet, len) : 0;
	while ((c = next(packet, &at, len, DATA, DATA_HEADER))) {
		uint32_t tsn = rd32(c + 4);
		struct sctp_piece piece = read_piece(c);
		piece.cost = (uint8_t)((CHUNK_COST + share) / UNIT);
		if (is_old(h, tsn))
			continue;
		if (!is_full && is_ahead(h, tsn)) {
			put(h, tsn, piece);
			continue;
		}
		wr32(c + 4, h->acked);
		is_changed = true;
	}
	return is_changed;
}

/* ---- what is acknowledged ---- */

static void end_run(struct sctp_held *h)
{
	h->run = h->n_run = 0;
}

/* A message whose end will never come. usrsctp lets go of it, if the peer has said the truth. */
static void give_up(struct sctp_held *h)
{
	if (!(h->piece.flags & UNORDERED))
		h->lost += h->run;
	end_run(h);
}

static void check(struct sctp_held *h)
{
	h->is_abused |= h->run > RUN_MAX || h->broken > LEFT_MAX;
}

/* Pieces of a message have numbers in sequence (RFC 9260, 6.9). */
static void take(struct sctp_held *h, const struct sctp_piece *p)
{
	bool is_next = p->stream == h->piece.stream && p->ssn == h->piece.ssn &&
		       !((p->flags ^ h->piece.flags) & UNORDERED) && !(p->flags & FIRST);
	if (h->n_run && !is_next) {
		h->broken += h->run;
		end_run(h);
	}
	h->piece = *p;
	h->n_run++;
	h->run += p->cost * UNIT;
	if (p->flags & LAST)
		end_run(h);
	check(h);
}

static void on_acked(struct sctp_held *h, uint32_t tsn)
{
	unsigned n = tsn - h->acked;
	if (!h->is_known) {
		h->is_known = true;
		h->acked = tsn;
		return;
	}
	if ((int32_t)n < 0)
		return;
	for (unsigned i = 0; i < n && i < SCTP_AHEAD; i++) {
		struct sctp_piece *p = place(h, h->acked + 1 + i);
		if (p->flags & IS_SEEN) {
			take(h, p);
			h->n--;
		} else if (h->n_run) {
			give_up(h); /* FORWARD TSN */
		}
		p->flags = 0;
	}
	h->acked = tsn;
}

bool sctp_held_out(struct sctp_held *h, uint8_t *packet, size_t len, size_t unread)
{
	size_t at = COMMON;
	bool is_changed = false;
	uint8_t *c;
	while ((c = next(packet, &at, len, SACK, SACK_HEADER))) {
		uint32_t window = rd32(c + 8);
		on_acked(h, rd32(c + 4));
		h->window = window > unread ? window - (uint32_t)unread : 0;
		if (h->window != window)
			wr32(c + 8, h->window);
		is_changed |= h->window != window;
	}
	return is_changed;
}

void sctp_held_blocked(struct sctp_held *h, unsigned n)
{
	h->n_new = 0;
	if (n <= h->n + h->n_run)
		h->lost = 0;
	h->is_abused |= n > h->n + h->n_run + BLOCKED_MAX || h->lost > LEFT_MAX;
}

void sctp_held_repeat(
	const struct sctp_held *h, const uint8_t to_us[8], uint8_t out[SCTP_HELD_REPEAT])
{
	memset(out, 0, SCTP_HELD_REPEAT);
	memcpy(out, to_us, 8);
	out[COMMON + 1] = FIRST | LAST;
	wr16(out + COMMON + 2, DATA_HEADER + 1);
	wr32(out + COMMON + 4, h->acked);
}
