/* SPDX-License-Identifier: Apache-2.0 */
/* Between usrsctp and the peer, where memory for the peer's data is concerned. */
#include "sctp_held.h"
#include <stdlib.h>
#include <string.h>
#include "../rtp/rtp.h"

#define DATA_HEADER    16
#define SACK_HEADER    16
#define INIT_HEADER    20
#define FORWARD_HEADER 8
#define WINDOW_MAX     (512u << 10)
#define IS_SEEN        0x80
#define EARLY_MAX      64 /* chunks before our first SACK */

/* What usrsctp takes, as measured: for a chunk, and for one whose packet does not fit into its
 * small buffers. */
#define UNIT        16
#define CHUNK_COST  640
#define PACKET_COST 2048
#define RUN_MAX \
	(1536u << 10) /* a message of 256 KiB in pieces of any honest size: dcSCTP cuts            \
			 them to what its congestion window has left */
#define PIECE_MAX (CHUNK_COST + PACKET_COST)
/* Beyond the first it may not stay for long, beyond the second no more is heard. What an honest
 * peer has given up, or what waits for that, is less than a full window. */
#define LEFT_LONG  (1u << 20)
#define LEFT_MAX   (2u << 20)
#define WAIT_LONG  1024 /* chunks */
#define WAIT_MAX   2048
#define LOOK_AT    64 /* chunks */
#define AHEAD_MIN  64
#define AHEAD_COST (1400u << 10) /* memory of all that are ahead: a full window of large ones */
#define DEFERRED   16

enum { LAST = 1, FIRST = 2, UNORDERED = 4 };

void sctp_held_begin(struct sctp_held *h)
{
	memset(h, 0, sizeof(*h));
	h->window = WINDOW_MAX;
}

void sctp_held_end(struct sctp_held *h)
{
	free(h->ahead);
	h->ahead = NULL;
	h->n_ahead = 0;
}

/* @return the next chunk of a type, NULL: none; *at is behind it */
static uint8_t *next(uint8_t *packet, size_t *at, size_t end, unsigned type, size_t size)
{
	uint8_t *c;
	size_t n;
	while ((c = sctp_item(packet, *at, end, &n))) {
		*at += sctp_padded(n);
		if (c[0] == type && n >= size)
			return c;
	}
	return NULL;
}

/* ---- from the peer ---- */

static struct sctp_piece *place(struct sctp_held *h, uint32_t tsn)
{
	return &h->ahead[tsn & (h->n_ahead - 1)];
}

static bool is_ahead(const struct sctp_held *h, uint32_t tsn)
{
	return tsn - h->acked - 1 < h->n_ahead;
}

static bool is_old(const struct sctp_held *h, uint32_t tsn)
{
	return (int32_t)(tsn - h->acked) <= 0;
}

/* Has all come up to there? Before the first SACK only if nothing was sent. */
static bool is_reached(struct sctp_held *h, uint32_t tsn)
{
	if (!h->is_known)
		return tsn + 1 == h->begins[0] || tsn + 1 == h->begins[1];
	if (is_old(h, tsn))
		return true;
	if (h->n_deferred >= DEFERRED) /* usrsctp keeps each, beside the others */
		return false;
	for (uint32_t t = h->acked + 1; is_ahead(h, t) && place(h, t)->flags & IS_SEEN; t++)
		if (t == tsn)
			return true;
	return false;
}

static struct sctp_piece read_piece(const uint8_t *c)
{
	struct sctp_piece p = { .stream = rd16(c + 8),
		.ssn = c[1] & UNORDERED ? 0 : rd16(c + 10),
		.len = (uint16_t)(rd16(c + 2) - DATA_HEADER),
		.flags = (c[1] & (LAST | FIRST | UNORDERED)) | IS_SEEN };
	return p;
}

/* @return there is a place for that TSN */
static bool make_room(struct sctp_held *h, uint32_t tsn)
{
	unsigned n = h->n_ahead ? h->n_ahead : AHEAD_MIN;
	while (n <= SCTP_AHEAD && tsn - h->acked - 1 >= n)
		n *= 2;
	if (n > SCTP_AHEAD)
		return false;
	if (n == h->n_ahead)
		return true;
	struct sctp_piece *more = calloc(n, sizeof(*more));
	if (!more)
		return false;
	for (uint32_t t = h->acked + 1; is_ahead(h, t); t++)
		more[t & (n - 1)] = *place(h, t);
	free(h->ahead);
	h->ahead = more;
	h->n_ahead = n;
	return true;
}

static bool is_seen(struct sctp_held *h, uint32_t tsn)
{
	return is_ahead(h, tsn) && place(h, tsn)->flags & IS_SEEN;
}

/* What is sent again must be what it was: else we could not know which of them usrsctp has. It
 * keeps nothing of a duplicate. @return false: it is not heard */
static bool put(struct sctp_held *h, uint32_t tsn, const struct sctp_piece *piece)
{
	if (is_seen(h, tsn)) {
		const struct sctp_piece *p = place(h, tsn);
		return p->flags == piece->flags && p->stream == piece->stream &&
		       p->ssn == piece->ssn && p->len == piece->len;
	}
	if (!make_room(h, tsn))
		return false;
	*place(h, tsn) = *piece;
	h->ahead_len += piece->len;
	h->waits += piece->cost * UNIT;
	h->n++;
	h->n_new++;
	return true;
}

/* Nor one of TSNs (4.3), by which they would be others than we know. */
static bool is_early_reset(struct sctp_held *h, uint8_t *packet, size_t at, size_t end)
{
	uint8_t *p;
	size_t n;
	for (at += SCTP_HEAD; (p = sctp_item(packet, at, end, &n)); at += sctp_padded(n))
		if (rd16(p) == RECONFIG_RESET_TSN ||
			(rd16(p) == RECONFIG_RESET_OUT && n >= SCTP_HEAD + 12 &&
				!is_reached(h, rd32(p + SCTP_HEAD + 8))))
			return true;
	return false;
}

void sctp_held_control(struct sctp_held *h, uint8_t *packet, size_t len)
{
	uint8_t *c;
	size_t n;
	for (size_t at = SCTP_COMMON; (c = sctp_item(packet, at, len, &n)); at += sctp_padded(n)) {
		if ((c[0] == CHUNK_INIT || c[0] == CHUNK_INIT_ACK) && n >= INIT_HEADER)
			h->begins[c[0] - CHUNK_INIT] = rd32(c + 16);
		if (c[0] == CHUNK_FORWARD && n >= FORWARD_HEADER) {
			h->skipped = rd32(c + SCTP_HEAD);
			h->did_skip = true;
		}
		if (c[0] == CHUNK_RECONFIG && is_early_reset(h, packet, at, at + n))
			c[0] = CHUNK_UNKNOWN; /* the peer asks again (RFC 6525, 5.1.1) */
	}
}

/* Nothing is known before our first SACK, which comes with the first chunk. */
static bool is_too_early(struct sctp_held *h)
{
	return !h->is_known && ++h->n_new > EARLY_MAX;
}

/* ---- what is acknowledged ---- */

static void end_run(struct sctp_held *h)
{
	h->run = h->run_len = h->n_run = 0;
}

/* A message whose end will never come. usrsctp lets go of it, if it is told which: what it has
 * then, it says itself. */
static void give_up(struct sctp_held *h)
{
	h->left += h->run;
	end_run(h);
}

/* Pieces of a message have numbers in sequence (RFC 9260, 6.9). */
static void take(struct sctp_held *h, const struct sctp_piece *p)
{
	bool is_next = p->stream == h->first.stream && p->ssn == h->first.ssn &&
		       !((p->flags ^ h->first.flags) & UNORDERED) && !(p->flags & FIRST);
	if (h->n_run && !is_next)
		give_up(h);
	if (!h->n_run++)
		h->first = *p;
	h->run += p->cost * UNIT;
	h->run_len += p->len;
	h->is_abused |= h->run > RUN_MAX;
	if (p->flags & LAST)
		end_run(h);
}

static void on_acked(struct sctp_held *h, uint32_t tsn)
{
	unsigned n = tsn - h->acked;
	if (!h->is_known) {
		h->is_known = true;
		h->acked = tsn;
		return;
	}
	for (unsigned i = 0; i < n && i < h->n_ahead; i++) {
		struct sctp_piece *p = place(h, h->acked + 1 + i);
		if (p->flags & IS_SEEN) {
			take(h, p);
			h->n--;
			h->ahead_len -= p->len;
			h->waits -= p->cost * UNIT;
		} else if (h->n_run) {
			give_up(h); /* it was told to skip this one */
		}
		p->flags = 0;
	}
	h->acked = tsn;
}

/* ---- in and out ---- */

/* The first one that is missing brings those along that wait for it. */
static bool has_room(const struct sctp_held *h, uint32_t tsn)
{
	bool is_first = h->n && tsn == h->acked + 1;
	return is_first || (!h->is_full && h->waits < AHEAD_COST);
}

static bool is_piece_of(const struct sctp_piece *q, const struct sctp_piece *p)
{
	return q->flags & IS_SEEN && q->flags & UNORDERED && q->stream == p->stream;
}

/* @return its last piece, if all are there, else the first one */
static uint32_t end_of(struct sctp_held *h, uint32_t first, const struct sctp_piece *p)
{
	for (uint32_t t = first; is_ahead(h, t) && is_piece_of(place(h, t), p); t++)
		if (place(h, t)->flags & LAST)
			return t;
	return first;
}

/* An unordered message behind what was given up, when of the next one on its stream that is not
 * whole the beginning is missing: usrsctp would take it for a piece of that, and end the
 * association. It comes again when the beginning is there, or is given up, too. */
static bool is_torn(struct sctp_held *h, uint32_t tsn, const struct sctp_piece *p)
{
	const unsigned whole = FIRST | LAST | UNORDERED;
	if (!h->did_skip || tsn != h->skipped + 1 || (p->flags & whole) != whole || is_seen(h, tsn))
		return false;
	for (uint32_t t = tsn + 1; is_ahead(h, t); t++) {
		const struct sctp_piece *q = place(h, t);
		if (!is_piece_of(q, p) || (q->flags & whole) == whole)
			continue;
		if (!(q->flags & FIRST))
			return true;
		uint32_t end = end_of(h, t, p);
		if (end == t)
			return false;
		t = end;
	}
	return false;
}

static unsigned cost_of(size_t chunk)
{
	return CHUNK_COST + (chunk > SCTP_SMALL - SCTP_COMMON ? PACKET_COST : (unsigned)chunk / 2);
}

void sctp_held_data(struct sctp_held *h, uint8_t *packet, size_t len, bool is_full)
{
	size_t at = SCTP_COMMON;
	uint8_t *c;
	bool was_torn = false; /* what is behind it comes again, too: one search a packet */
	while ((c = next(packet, &at, len, CHUNK_DATA, DATA_HEADER))) {
		uint32_t tsn = rd32(c + 4);
		struct sctp_piece piece = read_piece(c);
		piece.cost = (uint8_t)(cost_of(rd16(c + 2)) / UNIT);
		if (is_too_early(h))
			c[0] = CHUNK_UNKNOWN;
		else if (h->is_known && !is_old(h, tsn) &&
			 (is_full || !has_room(h, tsn) ||
				 (was_torn = was_torn || is_torn(h, tsn, &piece)) ||
				 !put(h, tsn, &piece)))
			wr32(c + 4, h->acked);
	}
}

/* Resets that usrsctp has put off: it keeps them. */
static unsigned count_deferred(uint8_t *packet, size_t at, size_t end)
{
	unsigned count = 0;
	const uint8_t *p;
	size_t n;
	for (at += SCTP_HEAD; (p = sctp_item(packet, at, end, &n)); at += sctp_padded(n))
		count += rd16(p) == RECONFIG_RESPONSE && n >= SCTP_HEAD + 8 &&
			 rd32(p + SCTP_HEAD + 4) == RECONFIG_IN_PROGRESS;
	return count;
}

void sctp_held_out(struct sctp_held *h, uint8_t *packet, size_t len, size_t unread)
{
	size_t at = SCTP_COMMON, n;
	uint8_t *c;
	for (; (c = sctp_item(packet, at, len, &n)); at += sctp_padded(n))
		if (c[0] == CHUNK_RECONFIG)
			h->n_deferred += count_deferred(packet, at, at + n);
	at = SCTP_COMMON;
	while ((c = next(packet, &at, len, CHUNK_SACK, SACK_HEADER))) {
		uint32_t window = rd32(c + 8);
		if (!h->is_known || !is_old(h, rd32(c + 4)))
			on_acked(h, rd32(c + 4));
		h->is_abused |= rd32(c + 4) != h->acked; /* it cannot go back */
		h->window = window > unread ? window - (uint32_t)unread : 0;
		wr32(c + 8, h->window);
	}
}

bool sctp_held_wonders(const struct sctp_held *h)
{
	return h->n_new >= LOOK_AT || h->is_waiting || h->left > LEFT_LONG;
}

void sctp_held_look(struct sctp_held *h, unsigned n, unsigned bytes)
{
	unsigned known = h->ahead_len + h->run_len;
	uint64_t left = bytes > known ? (uint64_t)(bytes - known) * PIECE_MAX : 0;
	unsigned waits = n > h->n ? n - h->n : 0;
	if (left < h->left)
		h->left = (unsigned)left;
	h->n_new = 0;
	h->is_waiting = waits > WAIT_LONG || h->left > LEFT_LONG;
	h->is_full = waits > WAIT_MAX || h->left > LEFT_MAX;
}

void sctp_held_repeat(
	const struct sctp_held *h, const uint8_t to_us[8], uint8_t out[SCTP_HELD_REPEAT])
{
	memset(out, 0, SCTP_HELD_REPEAT);
	memcpy(out, to_us, 8);
	out[SCTP_COMMON + 1] = FIRST | LAST;
	wr16(out + SCTP_COMMON + 2, DATA_HEADER + 1);
	wr32(out + SCTP_COMMON + 4, h->acked);
}
