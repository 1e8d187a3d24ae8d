/* SPDX-License-Identifier: Apache-2.0 */
/* AV1 in RTP. OBUs lose their sizes and go one after another into payloads, each behind its length;
 * what does not fit any more goes on in the next:
 *
 *	| N W=2 3 abc defgh | Z Y W=1 ij | …
 *
 * Y: the last goes on in the next payload; Z: the first does from the one before. W: how many there
 * are, of which the last has no length; 0: more than three, all of which have. */
#include <string.h>
#include "packetize_av1.h"

enum { TEMPORAL_DELIMITER = 2, TILE_LIST = 8, PADDING = 15 };
#define PIECE  16 /* bytes of an OBU that are worth splitting it */
#define Z      0x80
#define Y      0x40
#define N      0x08
#define W(n)   ((n) << 4)
#define W_MAX  3
#define LENGTH 2 /* bytes of one: no payload holds 2^14 */

/** An OBU without its size: a header of one or two bytes, and what follows. */
struct obu {
	uint8_t header[2];
	unsigned header_len;
	const uint8_t *body;
	size_t body_len;
};

static bool read_leb128(const uint8_t **p, const uint8_t *end, size_t *v)
{
	*v = 0;
	for (unsigned shift = 0; *p < end && shift < 35; shift += 7) {
		uint8_t b = *(*p)++;
		*v |= (size_t)(b & 0x7f) << shift;
		if (!(b & 0x80))
			return true;
	}
	return false;
}

static bool next_obu(const uint8_t **at, const uint8_t *end, struct obu *o)
{
	const uint8_t *p = *at;
	if (p >= end)
		return false;
	o->header_len = p[0] & 0x04 ? 2 : 1;
	if ((size_t)(end - p) < o->header_len)
		return false;
	memcpy(o->header, p, o->header_len);
	p += o->header_len;
	o->body_len = (size_t)(end - p);
	if (o->header[0] & 0x02 && (!read_leb128(&p, end, &o->body_len)))
		return false;
	if (o->body_len > (size_t)(end - p))
		return false;
	o->header[0] &= (uint8_t)~0x02;
	o->body = p;
	*at = p + o->body_len;
	return true;
}

static bool is_left_out(const struct obu *o)
{
	unsigned type = o->header[0] >> 3 & 15;
	return type == TEMPORAL_DELIMITER || type == TILE_LIST || type == PADDING;
}

/** The payload that is being filled. */
struct filling {
	struct payloads *out;
	uint8_t *at; /* NULL: none */
	size_t len;
	unsigned n;  /* elements in it */
	size_t last; /* where the last begins, with its length */
};

static void finish(struct filling *f)
{
	if (f->n <= W_MAX) {
		uint8_t *last = f->at + f->last;
		f->len -= LENGTH;
		memmove(last, last + LENGTH, f->len - f->last);
		f->at[0] |= (uint8_t)W(f->n);
	}
	f->out->len = f->len;
}

static void next(struct filling *f, uint8_t flags)
{
	if (f->at)
		finish(f);
	f->at = payloads_next(f->out);
	f->at[0] = flags;
	f->len = 1;
	f->n = 0;
}

/* Bytes @p from on of an OBU. */
static void copy(uint8_t *to, const struct obu *o, size_t from, size_t n)
{
	for (; from < o->header_len && n; from++, n--)
		*to++ = o->header[from];
	if (n)
		memcpy(to, o->body + (from - o->header_len), n);
}

static void put(struct filling *f, const struct obu *o)
{
	size_t all = o->header_len + o->body_len, from = 0;
	while (from < all) {
		size_t room = PAYLOAD_MOST - f->len, n = all - from;
		if (!from && room < LENGTH + PIECE && room < LENGTH + n) {
			next(f, 0);
			continue;
		}
		if (n > room - LENGTH)
			n = room - LENGTH;
		f->last = f->len;
		f->n++;
		f->at[f->len] = (uint8_t)(0x80 | (n & 0x7f));
		f->at[f->len + 1] = (uint8_t)(n >> 7);
		copy(f->at + f->len + LENGTH, o, from, n);
		f->len += LENGTH + n;
		from += n;
		if (from < all) {
			f->at[0] |= Y;
			next(f, Z);
		}
	}
}

void packetize_av1(const struct rec_frame *frame, struct payloads *out)
{
	const uint8_t *at = frame->data, *end = frame->data + frame->len;
	struct filling f = { .out = out };
	struct obu o;
	while (next_obu(&at, end, &o)) {
		if (is_left_out(&o))
			continue;
		if (!f.at)
			next(&f, frame->is_keyframe ? N : 0);
		put(&f, &o);
	}
	if (f.at)
		finish(&f);
}
