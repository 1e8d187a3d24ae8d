/* SPDX-License-Identifier: Apache-2.0 */
/* H.265 (RFC 7798, sent in decoding order), behind picture.h: NAL units alone, several in one
 * packet (AP), or in fragments (FU). */
#include "../rtp/codecs.h"
#include "nals.h"

#define NAL_HEAD 2

struct h265 {
	struct nals nals;
	struct sps sps;
	/* of the picture */
	bool has_slice, is_irap, is_reference;
};

static unsigned type_of(uint8_t first)
{
	return first >> 1 & 63;
}

static bool is_irap(unsigned type)
{
	return type >= H265_IRAP_FIRST && type <= H265_IRAP_LAST;
}

/* A picture that is not referred to in its own sub-layer may be by higher ones. */
static bool may_be_referred_to(const struct h265 *s, const uint8_t *nal)
{
	unsigned type = type_of(*nal);
	return type > H265_RSV_SUB_LAST || type & 1 || (nal[1] & 7) <= s->sps.highest_temporal;
}

/* One that is malformed leaves the one before. */
static bool read_sps(struct h265 *s, const uint8_t *nal, size_t len)
{
	struct sps sps;
	if (!sps_read_h265(nal, len, &sps))
		return false;
	s->sps = sps;
	return true;
}

static bool done(void *state, struct picture *pic, const uint8_t *nal, size_t len)
{
	struct h265 *s = state;
	unsigned type = type_of(*nal);
	if (len <= NAL_HEAD || !(nal[1] & 7))
		return false;
	if (type <= H265_VCL_LAST) {
		s->has_slice = true;
		s->is_irap |= is_irap(type);
		s->is_reference |= may_be_referred_to(s, nal);
		pic->told.temporal = (int8_t)((nal[1] & 7) - 1);
	} else if (type == H265_VPS) {
		nals_keep(&s->nals, NALS_VPS, nal, len);
	} else if (type == H265_SPS) {
		if (!read_sps(s, nal, len))
			return false;
		s->nals.has_sets = pic->key_coming = true;
		nals_keep(&s->nals, NALS_SPS, nal, len);
	} else if (type == H265_PPS) {
		nals_keep(&s->nals, NALS_PPS, nal, len);
	}
	return true;
}

static bool begins_picture(unsigned type, uint8_t behind_head)
{
	if (type <= H265_VCL_LAST)
		return behind_head & 0x80; /* first_slice_segment_in_pic_flag */
	return type <= H265_AUD || type == H265_PREFIX_SEI;
}

/* Payload header; S E and type. */
static bool take_fragment(struct h265 *s, struct picture *pic, const uint8_t *p, size_t len)
{
	bool starts, ends;
	uint8_t first[NAL_HEAD];
	if (len < 4)
		return false;
	starts = p[2] & 0x80;
	ends = p[2] & 0x40;
	first[0] = (uint8_t)((p[0] & 0x81) | (p[2] & 63) << 1);
	first[1] = p[1];
	if (starts == s->nals.is_open)
		return false;
	s->nals.is_open = !ends;
	if (starts && !nals_begin(&s->nals, pic, first, NAL_HEAD))
		return false;
	if (starts && is_irap(type_of(*first)))
		pic->key_coming = true;
	if (!picture_add(pic, p + 3, len - 3))
		return false;
	return !ends || done(s, pic, pic->bytes + s->nals.at, pic->len - s->nals.at);
}

static bool take_payload(struct h265 *s, struct picture *pic, const uint8_t *p, size_t len)
{
	unsigned type = type_of(*p);
	if (type == H265_FU)
		return take_fragment(s, pic, p, len);
	if (s->nals.is_open)
		return false; /* its end has not come */
	if (type == H265_AP)
		return nals_add_lengths(&s->nals, pic, p + NAL_HEAD, len - NAL_HEAD, done, s);
	return type < H265_AP && nals_begin(&s->nals, pic, p, len) &&
	       done(s, pic, pic->bytes + s->nals.at, len);
}

static bool begins(const uint8_t *p, size_t len)
{
	switch (type_of(*p)) {
	case H265_FU:
		return len > 3 && p[2] & 0x80 && begins_picture(p[2] & 63, p[3]);
	case H265_AP:
		return len > 6 && begins_picture(type_of(p[4]), p[6]);
	default:
		return begins_picture(type_of(*p), p[2]);
	}
}

static enum picture_take take(void *state, struct picture *pic, const uint8_t *p, size_t len)
{
	struct h265 *s = state;
	if (!pic->n_packets) {
		s->nals.is_open = s->nals.has_sets = false;
		s->has_slice = s->is_irap = s->is_reference = false;
	}
	if (len <= NAL_HEAD || !take_payload(s, pic, p, len))
		return PICTURE_MALFORMED;
	return begins(p, len) ? PICTURE_BEGINS : PICTURE_MORE;
}

static enum picture_end end(void *state, struct picture *pic)
{
	struct h265 *s = state;
	if (s->nals.is_open)
		return PICTURE_BROKEN;
	if (!s->has_slice)
		return PICTURE_NOTHING;
	pic->told.is_discardable = !s->is_reference;
	if (!s->is_irap)
		return PICTURE_WHOLE;
	return nals_end_keyframe(&s->nals, pic, &s->sps);
}

static bool is_set(uint8_t first)
{
	return type_of(first) >= H265_VPS && type_of(first) <= H265_PPS;
}

static size_t head(const uint8_t *frame, size_t len, uint8_t *out, size_t size)
{
	return nals_copy_sets(frame, len, is_set, out, size);
}

const struct picture_format picture_h265 = {
	.state_size = sizeof(struct h265), .take = take, .end = end, .head = head
};
