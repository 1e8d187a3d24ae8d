/* SPDX-License-Identifier: Apache-2.0 */
#include "sps.h"
#include "../rtp/bits.h"

#define SPS_MAX 1024 /* bytes that are looked at */

size_t sps_unescape(const uint8_t *nal, size_t len, uint8_t *out, size_t size)
{
	size_t n = 0;
	unsigned zeros = 0;
	for (size_t i = 0; i < len && n < size; i++) {
		if (zeros >= 2 && nal[i] == 3) {
			zeros = 0;
			continue;
		}
		zeros = nal[i] ? 0 : zeros + 1;
		out[n++] = nal[i];
	}
	return n;
}

/* Cropping is in units of @p unit_x and @p unit_y. */
static bool set_size(struct sps *out, uint64_t width, uint64_t height, const uint64_t crop[4],
	unsigned unit_x, unsigned unit_y)
{
	uint64_t x = (crop[0] + crop[1]) * unit_x, y = (crop[2] + crop[3]) * unit_y;
	if (x >= width || y >= height || width - x > UINT16_MAX || height - y > UINT16_MAX)
		return false;
	out->width = (uint16_t)(width - x);
	out->height = (uint16_t)(height - y);
	return true;
}

static void read_crop(struct bits *b, uint64_t crop[4])
{
	if (bits_take(b, 1))
		for (unsigned i = 0; i < 4; i++)
			crop[i] = bits_ue(b);
}

/* ---- H.264 ---- */

static bool has_chroma_format(uint32_t profile)
{
	static const uint8_t with[] = { 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134,
		135 };
	for (size_t i = 0; i < sizeof with; i++)
		if (with[i] == profile)
			return true;
	return false;
}

static void skip_scaling_list(struct bits *b, unsigned n)
{
	int last = 8, next = 8;
	for (unsigned i = 0; i < n && !b->over; i++) {
		if (next)
			next = (last + bits_se(b) % 256 + 256) % 256;
		last = next ? next : last;
	}
}

/* @return chroma_format_idc */
static uint32_t read_chroma(struct bits *b, struct sps *out)
{
	uint32_t chroma = bits_ue(b);
	if (chroma == 3)
		out->has_colour_planes = bits_take(b, 1);
	bits_ue(b); /* bits of luma */
	bits_ue(b); /* and chroma */
	bits_skip(b, 1);
	if (bits_take(b, 1))
		for (unsigned i = 0; i < (chroma == 3 ? 12 : 8); i++)
			if (bits_take(b, 1))
				skip_scaling_list(b, i < 6 ? 16 : 64);
	return chroma;
}

static void skip_poc(struct bits *b)
{
	uint32_t type = bits_ue(b), n;
	if (type == 0)
		bits_ue(b);
	if (type != 1)
		return;
	bits_skip(b, 1);
	bits_ue(b);
	bits_ue(b);
	for (n = bits_ue(b); n && !b->over; n--)
		bits_ue(b);
}

bool sps_read_h264(const uint8_t *nal, size_t len, struct sps *out)
{
	uint8_t raw[SPS_MAX];
	struct bits b = bits_of(raw, sps_unescape(nal, len, raw, sizeof raw));
	uint32_t profile, chroma = 1, bits, frames_only;
	uint64_t width, height, crop[4] = { 0 };
	bool is_420, is_422;
	*out = (struct sps){ 0 };
	bits_skip(&b, 8);
	profile = bits_take(&b, 8);
	bits_skip(&b, 16); /* constraints, level */
	bits_ue(&b);
	if (has_chroma_format(profile))
		chroma = read_chroma(&b, out);
	bits = bits_ue(&b) + 4;
	skip_poc(&b);
	bits_ue(&b); /* max_num_ref_frames */
	bits_skip(&b, 1);
	width = 16 * ((uint64_t)bits_ue(&b) + 1);
	height = 16 * ((uint64_t)bits_ue(&b) + 1);
	frames_only = bits_take(&b, 1);
	if (!frames_only)
		bits_skip(&b, 1);
	bits_skip(&b, 1);
	read_crop(&b, crop);
	if (b.over || bits > 16 || chroma > 3)
		return false;
	out->frame_num_bits = (uint8_t)bits;
	is_420 = chroma == 1;
	is_422 = chroma == 2;
	return set_size(out, width, height * (2 - frames_only), crop, is_420 || is_422 ? 2 : 1,
		(is_420 ? 2 : 1) * (2 - frames_only));
}

/* ---- H.265 ---- */

#define PROFILE_BITS 88
#define LEVEL_BITS   8

static void skip_profile_tier_level(struct bits *b, unsigned sub_layers)
{
	bool profile[8], level[8];
	bits_skip(b, PROFILE_BITS + LEVEL_BITS);
	for (unsigned i = 0; i < sub_layers; i++) {
		profile[i] = bits_take(b, 1);
		level[i] = bits_take(b, 1);
	}
	if (sub_layers)
		bits_skip(b, 2 * (8 - sub_layers));
	for (unsigned i = 0; i < sub_layers; i++)
		bits_skip(b, (profile[i] ? PROFILE_BITS : 0) + (level[i] ? LEVEL_BITS : 0));
}

bool sps_read_h265(const uint8_t *nal, size_t len, struct sps *out)
{
	uint8_t raw[SPS_MAX];
	struct bits b = bits_of(raw, sps_unescape(nal, len, raw, sizeof raw));
	uint32_t chroma, width, height;
	uint64_t crop[4] = { 0 };
	*out = (struct sps){ 0 };
	bits_skip(&b, 16 + 4);
	out->highest_temporal = (uint8_t)bits_take(&b, 3);
	bits_skip(&b, 1);
	skip_profile_tier_level(&b, out->highest_temporal);
	bits_ue(&b);
	chroma = bits_ue(&b);
	if (chroma == 3)
		bits_skip(&b, 1);
	width = bits_ue(&b);
	height = bits_ue(&b);
	read_crop(&b, crop);
	if (b.over || chroma > 3)
		return false;
	return set_size(
		out, width, height, crop, chroma == 1 || chroma == 2 ? 2 : 1, chroma == 1 ? 2 : 1);
}
