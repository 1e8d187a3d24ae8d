/* SPDX-License-Identifier: Apache-2.0 */
/* AV1 (AV1 RTP specification), behind picture.h: OBUs, whole or in fragments, several in a packet.
 * They come without their sizes, which a file needs, and temporal delimiters are left out. */
#include <string.h>
#include "../rtp/bits.h"
#include "../rtp/codecs.h"
#include "picture.h"

enum { SEQUENCE = 1, DELIMITER = 2, FRAME_HEADER = 3, FRAME = 6, TILE_LIST = 8 };
#define HAS_EXTENSION 0x04
#define HAS_SIZE      0x02
/* of the aggregation header */
#define GOES_ON         0x80 /* Z: the first element is the rest of one */
#define IS_CUT          0x40 /* Y: the last goes on in the next packet */
#define SEQUENCE_BEGINS 0x08 /* N */
#define LEB128_MAX      4

struct av1 {
	/* of the picture */
	size_t at;    /* where the OBU begins that has not ended */
	bool is_open; /* there is one */
	bool has_sequence, has_frame, is_key;
	uint16_t width, height;
};

static unsigned type_of(uint8_t first)
{
	return first >> 3 & 15;
}

/* ---- sequence header (AV1, 5.5) ---- */

/* Unary length, then so many bits. */
static void skip_uvlc(struct bits *b)
{
	unsigned zeros = 0;
	while (!b->over && !bits_take(b, 1))
		zeros++;
	if (zeros < 32)
		bits_skip(b, zeros);
}

/* @return bits of a buffer delay, 0: there is no decoder model */
static unsigned skip_timing(struct bits *b)
{
	unsigned bits;
	if (!bits_take(b, 1))
		return 0;
	bits_skip(b, 64);
	if (bits_take(b, 1))
		skip_uvlc(b);
	if (!bits_take(b, 1))
		return 0;
	bits = bits_take(b, 5) + 1;
	bits_skip(b, 32 + 5 + 5);
	return bits;
}

static void skip_operating_points(struct bits *b)
{
	unsigned delay_bits = skip_timing(b);
	bool has_display_delay = bits_take(b, 1);
	for (unsigned n = bits_take(b, 5) + 1; n; n--) {
		bits_skip(b, 12);
		if (bits_take(b, 5) > 7)
			bits_skip(b, 1);
		if (delay_bits && bits_take(b, 1))
			bits_skip(b, 2 * delay_bits + 1);
		if (has_display_delay && bits_take(b, 1))
			bits_skip(b, 4);
	}
}

static bool read_sequence(struct av1 *s, const uint8_t *payload, size_t len)
{
	struct bits b = bits_of(payload, len);
	unsigned width_bits, height_bits;
	bits_skip(&b, 3 + 1);
	if (bits_take(&b, 1)) /* reduced_still_picture_header */
		bits_skip(&b, 5);
	else
		skip_operating_points(&b);
	width_bits = bits_take(&b, 4) + 1;
	height_bits = bits_take(&b, 4) + 1;
	s->width = (uint16_t)(bits_take(&b, width_bits) + 1);
	s->height = (uint16_t)(bits_take(&b, height_bits) + 1);
	return !b.over;
}

/* ---- OBUs ---- */

/* show_existing_frame is 0, frame_type is 0 (a key frame), show_frame is 1. */
static bool begins_key(uint8_t first)
{
	return (first & 0xf0) == 0x10;
}

static size_t write_leb128(uint8_t *out, size_t v)
{
	size_t n = 0;
	for (; v > 127; v >>= 7)
		out[n++] = (uint8_t)(v | 0x80);
	out[n++] = (uint8_t)v;
	return n;
}

/* Put its size behind its header, where it has none. */
static bool add_size(struct av1 *s, struct picture *pic, size_t header, size_t payload)
{
	uint8_t size[LEB128_MAX], room[LEB128_MAX] = { 0 }, *obu;
	size_t n = write_leb128(size, payload);
	if (!picture_add(pic, room, n))
		return false;
	obu = pic->bytes + s->at;
	obu[0] |= HAS_SIZE;
	memmove(obu + header + n, obu + header, payload);
	memcpy(obu + header, size, n);
	return true;
}

static void note(struct av1 *s, struct picture *pic, uint8_t first)
{
	s->is_key = !s->has_frame ? begins_key(first) : s->is_key;
	s->has_frame = true;
	pic->key_coming |= s->is_key && s->has_sequence;
}

/* The OBU from s->at on is whole. */
static bool end_obu(struct av1 *s, struct picture *pic)
{
	uint8_t *obu = pic->bytes + s->at;
	const uint8_t *payload, *end = pic->bytes + pic->len;
	size_t len = pic->len - s->at, header, size;
	unsigned type;
	s->is_open = false;
	if (!len)
		return true;
	type = type_of(*obu);
	header = *obu & HAS_EXTENSION ? 2 : 1;
	if (type == DELIMITER || type == TILE_LIST) {
		pic->len = s->at;
		return true;
	}
	if (header > len)
		return false;
	payload = obu + header;
	if (*obu & HAS_SIZE &&
		(!av1_leb128(&payload, end, &size) || size != (size_t)(end - payload)))
		return false;
	size = (size_t)(end - payload);
	if (type == SEQUENCE) {
		if (!read_sequence(s, payload, size))
			return false;
		s->has_sequence = pic->key_coming = true;
	} else if (type == FRAME || type == FRAME_HEADER) {
		if (!size)
			return false;
		note(s, pic, *payload);
	}
	return *obu & HAS_SIZE || add_size(s, pic, header, size);
}

static bool take_element(
	struct av1 *s, struct picture *pic, const uint8_t *p, size_t n, bool is_cut)
{
	if (!s->is_open)
		s->at = pic->len;
	s->is_open = true;
	if (!picture_add(pic, p, n))
		return false;
	return is_cut || end_obu(s, pic);
}

/* Z Y W N, then W elements of which the last has no length, or with W = 0 any number that have. */
static bool take_elements(struct av1 *s, struct picture *pic, const uint8_t *p, size_t len)
{
	const uint8_t *end = p + len;
	uint8_t agg = *p++;
	unsigned w = agg >> 4 & 3;
	if (p == end || !(agg & GOES_ON) == s->is_open)
		return false;
	for (unsigned i = 1; p < end; i++) {
		size_t n = (size_t)(end - p);
		if (w && i > w)
			return false;
		if (i != w && (!av1_leb128(&p, end, &n) || n > (size_t)(end - p)))
			return false;
		if (!take_element(s, pic, p, n, agg & IS_CUT && n == (size_t)(end - p)))
			return false;
		p += n;
	}
	return true;
}

static enum picture_take take(void *state, struct picture *pic, const uint8_t *p, size_t len)
{
	struct av1 *s = state;
	bool begins = p[0] & SEQUENCE_BEGINS && !(p[0] & GOES_ON);
	if (!pic->n_packets)
		*s = (struct av1){ 0 };
	if (!take_elements(s, pic, p, len))
		return PICTURE_MALFORMED;
	return begins ? PICTURE_BEGINS : PICTURE_MORE;
}

static enum picture_end end(void *state, struct picture *pic)
{
	const struct av1 *s = state;
	if (s->is_open)
		return PICTURE_BROKEN;
	if (!s->has_frame)
		return PICTURE_NOTHING;
	pic->told.is_keyframe = s->is_key && s->has_sequence;
	pic->width = s->width;
	pic->height = s->height;
	return PICTURE_WHOLE;
}

/* Its OBUs have sizes. */
static size_t head(const uint8_t *frame, size_t len, uint8_t *out, size_t size)
{
	const uint8_t *p = frame, *end = frame + len;
	while (p < end) {
		const uint8_t *obu = p;
		size_t n;
		p += *p & HAS_EXTENSION ? 2 : 1;
		if (p >= end || !(*obu & HAS_SIZE) || !av1_leb128(&p, end, &n) ||
			n > (size_t)(end - p))
			return 0;
		p += n;
		if (type_of(*obu) != SEQUENCE)
			continue;
		if ((size_t)(p - obu) > size)
			return 0;
		memcpy(out, obu, (size_t)(p - obu));
		return (size_t)(p - obu);
	}
	return 0;
}

const struct picture_format picture_av1 = {
	.state_size = sizeof(struct av1), .take = take, .end = end, .head = head
};
