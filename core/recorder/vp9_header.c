/* SPDX-License-Identifier: Apache-2.0 */
#include "vp9_header.h"
#include <string.h>
#include "../rtp/bits.h"

#define SYNC     0x498342
#define CS_RGB   7
#define SEGMENTS 8

static bool read_sync(struct bits *b)
{
	return bits_take(b, 24) == SYNC;
}

static void skip_color_config(struct bits *b, unsigned profile)
{
	if (profile >= 2)
		bits_skip(b, 1);
	if (bits_take(b, 3) != CS_RGB) {
		bits_skip(b, 1);
		if (profile & 1)
			bits_skip(b, 3);
	} else if (profile & 1) {
		bits_skip(b, 1);
	}
}

static void read_size(struct bits *b, struct vp9_header *h)
{
	h->width = (uint16_t)(bits_take(b, 16) + 1);
	h->height = (uint16_t)(bits_take(b, 16) + 1);
}

static void skip_render_size(struct bits *b)
{
	if (bits_take(b, 1))
		bits_skip(b, 32);
}

static void read_size_with_refs(
	struct bits *b, const struct vp9_refs *refs, const uint8_t idx[3], struct vp9_header *h)
{
	bool found = false;
	for (unsigned i = 0; i < 3 && !found; i++) {
		found = bits_take(b, 1);
		h->width = refs->of[idx[i]].width;
		h->height = refs->of[idx[i]].height;
	}
	if (!found)
		read_size(b, h);
	skip_render_size(b);
}

static void read_inter(struct bits *b, const struct vp9_refs *refs, struct vp9_header *h)
{
	uint8_t idx[3];
	h->refresh = (uint8_t)bits_take(b, 8);
	for (unsigned i = 0; i < 3; i++) {
		idx[i] = (uint8_t)bits_take(b, 3);
		bits_skip(b, 1);
	}
	read_size_with_refs(b, refs, idx, h);
	bits_skip(b, 1);
	if (!bits_take(b, 1))
		bits_skip(b, 2);
}

/* @return false: malformed */
static bool read_kind(
	struct bits *b, unsigned profile, const struct vp9_refs *refs, struct vp9_header *h)
{
	bool is_intra = h->is_keyframe;
	if (h->is_keyframe) {
		h->refresh = UINT8_MAX;
		if (!read_sync(b))
			return false;
		skip_color_config(b, profile);
	} else {
		is_intra = !h->is_shown && bits_take(b, 1);
		if (!h->is_resilient)
			bits_skip(b, 2);
		if (!is_intra) {
			read_inter(b, refs, h);
			return true;
		}
		if (!read_sync(b))
			return false;
		if (profile)
			skip_color_config(b, profile);
		h->refresh = (uint8_t)bits_take(b, 8);
	}
	read_size(b, h);
	skip_render_size(b);
	return true;
}

static void skip_if(struct bits *b, unsigned n)
{
	if (bits_take(b, 1))
		bits_skip(b, n);
}

static void skip_loop_filter(struct bits *b)
{
	bits_skip(b, 6 + 3);
	if (bits_take(b, 1) && bits_take(b, 1))
		for (unsigned i = 0; i < 4 + 2; i++)
			skip_if(b, 7);
}

static void skip_quantization(struct bits *b)
{
	bits_skip(b, 8);
	for (unsigned i = 0; i < 3; i++)
		skip_if(b, 5);
}

static void skip_segmentation(struct bits *b)
{
	static const uint8_t feature_bits[4] = { 8 + 1, 6 + 1, 2, 0 };
	if (!bits_take(b, 1))
		return;
	if (bits_take(b, 1)) {
		for (unsigned i = 0; i < 7; i++)
			skip_if(b, 8);
		if (bits_take(b, 1))
			for (unsigned i = 0; i < 3; i++)
				skip_if(b, 8);
	}
	if (!bits_take(b, 1))
		return;
	bits_skip(b, 1);
	for (unsigned i = 0; i < SEGMENTS * 4; i++)
		skip_if(b, feature_bits[i % 4]);
}

/* Columns of tiles: of 256 samples at least, of 4096 at most; the number is told in unary beyond
 * the least. */
static void skip_tiles(struct bits *b, unsigned width)
{
	unsigned columns = (width + 63) / 64, least = 0, most = 1;
	while (64u << least < columns)
		least++;
	while (columns >> most >= 4)
		most++;
	for (most--; least < most && bits_take(b, 1); least++)
		;
	skip_if(b, 1);
}

bool vp9_read_header(
	const uint8_t *frame, size_t len, const struct vp9_refs *refs, struct vp9_header *out)
{
	struct bits b = bits_of(frame, len);
	unsigned profile;
	struct vp9_header h = { 0 };
	bool good = bits_take(&b, 2) == 2;
	profile = bits_take(&b, 1);
	profile |= bits_take(&b, 1) << 1;
	if (profile == 3)
		bits_skip(&b, 1);
	if (bits_take(&b, 1)) {
		h.shows_existing = h.is_shown = true;
		bits_skip(&b, 3);
		*out = h;
		return good && !b.over;
	}
	h.is_keyframe = !bits_take(&b, 1);
	h.shown_bit = b.at;
	h.is_shown = bits_take(&b, 1);
	h.is_resilient = bits_take(&b, 1);
	if (!good || !read_kind(&b, profile, refs, &h) || !h.width || !h.height)
		return false;
	if (!h.is_resilient)
		bits_skip(&b, 2);
	bits_skip(&b, 2);
	skip_loop_filter(&b);
	skip_quantization(&b);
	skip_segmentation(&b);
	skip_tiles(&b, h.width);
	good = bits_take(&b, 16) != 0; /* length of the compressed header */
	h.bits = b.at;
	*out = h;
	return good && !b.over;
}

void vp9_refresh(struct vp9_refs *refs, const struct vp9_header *h)
{
	for (unsigned i = 0; i < 8; i++)
		if (h->refresh >> i & 1) {
			refs->of[i].width = h->width;
			refs->of[i].height = h->height;
		}
}

/* Put a 0 at @p at, and what was from there to @p end one bit later. */
static void insert_zero(uint8_t *p, size_t at, size_t end)
{
	for (size_t i = end; i > at; i--) {
		unsigned bit = p[(i - 1) / 8] >> (7 - (i - 1) % 8) & 1;
		uint8_t mask = (uint8_t)(0x80 >> i % 8);
		p[i / 8] = (uint8_t)(bit ? p[i / 8] | mask : p[i / 8] & ~mask);
	}
	p[at / 8] &= (uint8_t) ~(0x80 >> at % 8);
}

size_t vp9_hide(uint8_t *frame, size_t len, const struct vp9_header *h)
{
	size_t whole = (h->bits + 7) / 8;
	frame[h->shown_bit / 8] &= (uint8_t) ~(0x80 >> h->shown_bit % 8);
	if (h->is_keyframe)
		return len;
	if (h->bits % 8 == 0) {
		memmove(frame + whole + 1, frame + whole, len - whole);
		frame[whole] = 0;
		len++;
	}
	insert_zero(frame, h->shown_bit + 2, h->bits); /* intra_only, behind error_resilient_mode */
	return len;
}
