/* SPDX-License-Identifier: Apache-2.0 */
/* Between usrsctp and the peer, where memory for the peer's data is concerned. */
#include "sctp_held.h"
#include <string.h>
#include "../rtp/rtp.h"

#define COMMON      12 /* header of a packet: ports, tag, checksum */
#define HEAD        4  /* of a chunk */
#define DATA_HEADER 16
#define SACK_HEADER 16
#define INIT_HEADER 20
#define SKIP_HEADER 8
#define WINDOW_MAX  (512u << 10)
#define IS_SEEN     0x80
#define EARLY_MAX   64 /* chunks before our first SACK */

/* What usrsctp takes, as measured: for a chunk, and for a packet that does not fit into its small
 * buffers, of which the last of its chunks keeps all. */
#define UNIT        16
#define CHUNK_COST  640
#define LARGE       800
#define PACKET_COST 2048
#define RUN_MAX                                                                                    \
	(1536u << 10) /* a message of 256 KiB in pieces of any honest size: dcSCTP cuts            \
			 them to what its congestion window has left */
#define LEFT_MAX    (128u << 10)
#define BLOCKED_MAX 64
#define RESETS_MAX  16

enum {
	DATA = 0,
	INIT = 1,
	INIT_ACK = 2,
	SACK = 3,
	RECONFIG = 130,
	FORWARD_TSN = 192,
	UNKNOWN = 0xbf
};
enum { RESET_OUT = 13 };
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

/* Before the first SACK only that may be acknowledged which was never sent. */
static bool is_acked(const struct sctp_held *h, uint32_t tsn)
{
	if (h->is_known)
		return is_old(h, tsn);
	return tsn + 1 == h->begins[0] || tsn + 1 == h->begins[1];
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
		h->is_abused |=
			p->flags != piece.flags || p->stream != piece.stream || p->ssn != piece.ssn;
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

/* Who is told that its reset is in progress may ask again, by a new request that usrsctp keeps
 * beside the first (RFC 6525, 5.2.2). */
static bool is_late_reset(struct sctp_held *h, uint8_t *c)
{
	size_t at = HEAD;
	uint8_t *p;
	bool is_late = false;
	for (size_t end = rd16(c + 2), n; at + HEAD <= end; at += (n + 3) & ~(size_t)3) {
		p = c + at;
		n = rd16(p + 2);
		if (n < HEAD || n > end - at)
			break;
		if (rd16(p) != RESET_OUT || n < HEAD + 12 || is_acked(h, rd32(p + HEAD + 8)))
			continue;
		is_late = true;
		if (!h->n_resets++ || (int32_t)(rd32(p + HEAD + 8) - h->reset_at) > 0)
			h->reset_at = rd32(p + HEAD + 8);
	}
	return is_late;
}

static bool refuse_resets(struct sctp_held *h, uint8_t *packet, size_t len)
{
	size_t at = COMMON;
	bool is_changed = false;
	uint8_t *c;
	while ((c = next(packet, &at, len, RECONFIG, HEAD)))
		if (is_late_reset(h, c) && h->n_resets > RESETS_MAX) {
			c[0] = UNKNOWN;
			is_changed = true;
		}
	return is_changed;
}

/* Nothing is known before our first SACK, which comes with the first chunk. */
static bool early(struct sctp_held *h, uint8_t *packet, size_t len)
{
	size_t at = COMMON;
	bool is_changed = refuse_resets(h, packet, len);
	uint8_t *c;
	for (unsigned type = INIT; type <= INIT_ACK; type++, at = COMMON)
		if ((c = next(packet, &at, len, type, INIT_HEADER)))
			h->begins[type - INIT] = rd32(c + 16);
	while ((c = next(packet, &at, len, DATA, DATA_HEADER)))
		if (++h->n_new > EARLY_MAX) {
			c[0] = UNKNOWN; /* RFC 9260, 3.2: skip what is not known */
			is_changed = true;
		}
	return is_changed;
}

/* ---- what is acknowledged ---- */

static void end_run(struct sctp_held *h)
{
	h->run = h->n_run = 0;
}

/* RFC 3758, 3.2: what is ordered is listed by stream and number. */
static bool is_skipped(const struct sctp_held *h)
{
	for (size_t i = 0; i < h->n_skipped; i++)
		if (rd16(h->skipped + 4 * i) == h->first.stream &&
			(int16_t)(rd16(h->skipped + 4 * i + 2) - h->first.ssn) >= 0)
			return true;
	return h->first.flags & UNORDERED;
}

/* A message whose end will never come: usrsctp lets go of it, if it is told which. */
static void give_up(struct sctp_held *h)
{
	if (!is_skipped(h))
		h->left += h->run;
	end_run(h);
}

static void check(struct sctp_held *h)
{
	h->is_abused |= h->run > RUN_MAX || h->left > LEFT_MAX;
}

/* Pieces of a message have numbers in sequence (RFC 9260, 6.9). */
static void take(struct sctp_held *h, const struct sctp_piece *p)
{
	bool is_next = p->stream == h->first.stream && p->ssn == h->first.ssn &&
		       !((p->flags ^ h->first.flags) & UNORDERED) && !(p->flags & FIRST);
	if (h->n_run && !is_next) {
		h->left += h->run;
		end_run(h);
	}
	if (!h->n_run++)
		h->first = *p;
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
		h->n_resets = 0;
		return;
	}
	for (unsigned i = 0; i < n && i < SCTP_AHEAD; i++) {
		struct sctp_piece *p = place(h, h->acked + 1 + i);
		if (p->flags & IS_SEEN) {
			take(h, p);
			h->n--;
		} else if (h->n_run) {
			give_up(h);
		}
		p->flags = 0;
	}
	h->acked = tsn;
	if (h->n_resets && is_old(h, h->reset_at))
		h->n_resets = 0;
	check(h);
}

/* usrsctp will acknowledge what it is told to skip. */
static void on_forward(struct sctp_held *h, const uint8_t *c)
{
	h->skipped = c + SKIP_HEADER;
	h->n_skipped = (rd16(c + 2) - SKIP_HEADER) / 4u;
	if (!is_old(h, rd32(c + 4)))
		on_acked(h, rd32(c + 4));
	h->n_skipped = 0;
}

/* ---- in and out ---- */

bool sctp_held_in(struct sctp_held *h, uint8_t *packet, size_t len, bool is_full)
{
	size_t at = COMMON;
	bool is_changed = false;
	uint8_t *c;
	if (!h->is_known)
		return early(h, packet, len);
	while ((c = next(packet, &at, len, FORWARD_TSN, SKIP_HEADER)))
		on_forward(h, c);
	at = COMMON;
	is_changed = refuse_resets(h, packet, len);
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

bool sctp_held_out(struct sctp_held *h, uint8_t *packet, size_t len, size_t unread)
{
	size_t at = COMMON;
	bool is_changed = false;
	uint8_t *c;
	while ((c = next(packet, &at, len, SACK, SACK_HEADER))) {
		uint32_t window = rd32(c + 8);
		if (h->is_known && is_old(h, rd32(c + 4)))
			h->acked = rd32(c + 4); /* it did not skip what it was told to */
		else
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
	unsigned run = h->first.flags & FIRST ? 1 : h->n_run; /* joined as they come */
	h->is_abused |= n > h->n + run + BLOCKED_MAX;
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
