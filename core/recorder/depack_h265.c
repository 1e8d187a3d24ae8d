/* SPDX-License-Identifier: Apache-2.0 */
/* H.265 (RFC 7798, sent in decoding order), behind picture.h: NAL units alone, several in one
 * packet (AP), or in fragments (FU); each of these also with content information (PACI), which is
 * of no use here. */
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

/* Behind the payload header: S E and type. */
static bool take_fragment(struct h265 *s, struct picture *pic, const struct h265_payload *x)
{
	bool starts, ends;
	uint8_t first[NAL_HEAD];
	if (x->len < 2)
		return false;
	starts = x->body[0] & 0x80;
	ends = x->body[0] & 0x40;
	first[0] = (uint8_t)((x->head[0] & 0x81) | (x->body[0] & 63) << 1);
	first[1] = x->head[1];
	if (starts == s->nals.is_open)
		return false;
	s->nals.is_open = !ends;
	if (starts && !nals_begin(&s->nals, pic, first, NAL_HEAD))
		return false;
	if (starts && is_irap(type_of(*first)))
		pic->key_coming = true;
	if (!picture_add(pic, x->body + 1, x->len - 1))
		return false;
	return !ends || done(s, pic, pic->bytes + s->nals.at, pic->len - s->nals.at);
}

static bool take_whole(struct h265 *s, struct picture *pic, const struct h265_payload *x)
{
	return nals_begin(&s->nals, pic, x->head, NAL_HEAD) && picture_add(pic, x->body, x->len) &&
	       done(s, pic, pic->bytes + s->nals.at, NAL_HEAD + x->len);
}

static bool take_payload(struct h265 *s, struct picture *pic, const struct h265_payload *x)
{
	unsigned type = type_of(*x->head);
	if (type == H265_FU)
		return take_fragment(s, pic, x);
	if (s->nals.is_open)
		return false; /* its end has not come */
	if (type == H265_AP)
		return nals_add_lengths(&s->nals, pic, x->body, x->len, done, s);
	return type < H265_AP && take_whole(s, pic, x);
}

static bool begins(const struct h265_payload *x)
{
	const uint8_t *p = x->body;
	switch (type_of(*x->head)) {
	case H265_FU:
		return x->len > 1 && p[0] & 0x80 && begins_picture(p[0] & 63, p[1]);
	case H265_AP:
		return x->len > 4 && begins_picture(type_of(p[2]), p[4]);
	default:
		return begins_picture(type_of(*x->head), p[0]);
	}
}

static enum picture_take take(void *state, struct picture *pic, const uint8_t *p, size_t len)
{
	struct h265 *s = state;
	struct h265_payload x;
	if (!pic->n_packets) {
		s->nals.is_open = s->nals.has_sets = false;
		s->has_slice = s->is_irap = s->is_reference = false;
	}
	if (!h265_unwrap(p, len, &x) || !x.len || !take_payload(s, pic, &x))
		return PICTURE_MALFORMED;
	return begins(&x) ? PICTURE_BEGINS : PICTURE_MORE;
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
