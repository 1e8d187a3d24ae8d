/* SPDX-License-Identifier: Apache-2.0 */
/* H.264 (RFC 6184, packetization modes 0 and 1), behind picture.h: NAL units alone, several in one
 * packet (STAP-A), or in fragments (FU-A). */
#include "../rtp/bits.h"
#include "../rtp/codecs.h"
#include "nals.h"

#define SLICE_HEAD 24 /* bytes of a slice that are looked at */

struct h264 {
	struct nals nals;
	struct sps sps; /* frame_num_bits 0: none has come */
	/* of the picture */
	bool has_slice, is_idr, recovers;
};

static unsigned type_of(uint8_t first)
{
	return first & 31;
}

/* first_mb_in_slice, slice_type, pic_parameter_set_id, frame_num (7.3.3). One that is not referred
 * to has the number that the next reference will have. */
static void read_slice(struct h264 *s, struct refs_told *t, const uint8_t *nal, size_t len)
{
	uint8_t raw[SLICE_HEAD];
	struct bits b = bits_of(raw, sps_unescape(nal, len, raw, sizeof raw));
	bits_skip(&b, 8);
	bits_ue(&b);
	bits_ue(&b);
	bits_ue(&b);
	if (s->sps.has_colour_planes)
		bits_skip(&b, 2);
	t->base = bits_take(&b, s->sps.frame_num_bits);
	t->base_mask = (1u << s->sps.frame_num_bits) - 1;
	if (t->is_discardable)
		t->base = (t->base - 1) & t->base_mask;
	t->has_base = s->sps.frame_num_bits && !b.over;
}

/* A recovery point (D.2.8) at this very picture is as good as an IDR. Messages: type, length,
 * bytes; both as a sum of bytes of which all but the last are ff. */
static bool has_recovery_point(const uint8_t *p, size_t len)
{
	const uint8_t *end = p + len;
	for (p++; p < end && *p != 0x80;) {
		size_t sum[2] = { 0 };
		for (unsigned i = 0; i < 2; i++) {
			while (p < end && *p == 0xff)
				sum[i] += *p++;
			if (p == end)
				return false;
			sum[i] += *p++;
		}
		if (sum[1] > (size_t)(end - p))
			return false;
		if (sum[0] == 6)
			return sum[1] && p[0] & 0x80; /* recovery_frame_cnt is 0 */
		p += sum[1];
	}
	return false;
}

/* What a slice's first byte says, for the picture may turn out to be broken. */
static void note_slice(struct h264 *s, struct picture *pic, uint8_t first)
{
	struct refs_told *t = &pic->told;
	t->is_discardable = t->of_base_only = !(first & 0x60);
	t->temporal = t->is_discardable;
	s->is_idr |= type_of(first) == H264_IDR;
	pic->key_coming |= s->is_idr;
}

/* One that is malformed leaves the one before. */
static bool read_sps(struct h264 *s, const uint8_t *nal, size_t len)
{
	struct sps sps;
	if (!sps_read_h264(nal, len, &sps))
		return false;
	s->sps = sps;
	return true;
}

static bool done(void *state, struct picture *pic, const uint8_t *nal, size_t len)
{
	struct h264 *s = state;
	switch (type_of(*nal)) {
	case H264_SPS:
		if (!read_sps(s, nal, len))
			return false;
		s->nals.has_sets = pic->key_coming = true;
		nals_keep(&s->nals, NALS_SPS, nal, len);
		break;
	case H264_PPS:
		nals_keep(&s->nals, NALS_PPS, nal, len);
		break;
	case H264_SEI:
		s->recovers |= has_recovery_point(nal, len);
		break;
	case H264_SLICE:
	case H264_PART_A:
	case H264_IDR:
		note_slice(s, pic, *nal);
		if (!s->has_slice)
			read_slice(s, &pic->told, nal, len);
		s->has_slice = true;
		break;
	}
	return true;
}

static bool begins_picture(const uint8_t *nal, size_t len)
{
	unsigned type = type_of(*nal);
	if (type == H264_SLICE || type == H264_IDR)
		return len > 1 && nal[1] & 0x80; /* first_mb_in_slice is 0 */
	return type >= H264_SEI && type <= H264_AUD;
}

/* FU indicator; S E R and type. */
static bool take_fragment(struct h264 *s, struct picture *pic, const uint8_t *p, size_t len)
{
	bool starts, ends;
	uint8_t first;
	if (len < 3)
		return false;
	starts = p[1] & 0x80;
	ends = p[1] & 0x40;
	first = (uint8_t)((p[0] & 0xe0) | type_of(p[1]));
	if (type_of(first) <= H264_IDR)
		note_slice(s, pic, first);
	if (starts == s->nals.is_open)
		return false;
	s->nals.is_open = !ends;
	if (starts && !nals_begin(&s->nals, pic, &first, 1))
		return false;
	if (!picture_add(pic, p + 2, len - 2))
		return false;
	return !ends || done(s, pic, pic->bytes + s->nals.at, pic->len - s->nals.at);
}

static void begin(struct h264 *s)
{
	s->nals.is_open = s->nals.has_sets = false;
	s->has_slice = s->is_idr = s->recovers = false;
}

static enum picture_take take(void *state, struct picture *pic, const uint8_t *p, size_t len)
{
	struct h264 *s = state;
	unsigned type = type_of(*p);
	uint8_t head[2] = { 0 };
	bool good = false, begins = false;
	if (!pic->n_packets)
		begin(s);
	if (type == H264_FU_A) {
		good = take_fragment(s, pic, p, len);
		if (len > 2) {
			head[0] = p[1];
			head[1] = p[2];
			begins = p[1] & 0x80 && begins_picture(head, sizeof head);
		}
	} else if (s->nals.is_open) {
		good = false; /* its end has not come */
	} else if (type == H264_STAP_A) {
		good = nals_add_lengths(&s->nals, pic, p + 1, len - 1, done, s);
		begins = len > 3 && begins_picture(p + 3, len - 3);
	} else if (type && type < H264_STAP_A) {
		good = nals_begin(&s->nals, pic, p, len) &&
		       done(s, pic, pic->bytes + s->nals.at, len);
		begins = begins_picture(p, len);
	}
	if (!good)
		return PICTURE_MALFORMED;
	return begins ? PICTURE_BEGINS : PICTURE_MORE;
}

static enum picture_end end(void *state, struct picture *pic)
{
	struct h264 *s = state;
	if (s->nals.is_open)
		return PICTURE_BROKEN;
	if (!s->has_slice)
		return PICTURE_NOTHING;
	if (!s->is_idr && !s->recovers)
		return PICTURE_WHOLE;
	return nals_end_keyframe(&s->nals, pic, &s->sps);
}

static bool is_set(uint8_t first)
{
	return type_of(first) == H264_SPS || type_of(first) == H264_PPS;
}

static size_t head(const uint8_t *frame, size_t len, uint8_t *out, size_t size)
{
	return nals_copy_sets(frame, len, is_set, out, size);
}

const struct picture_format picture_h264 = {
	.state_size = sizeof(struct h264), .take = take, .end = end, .head = head
};
