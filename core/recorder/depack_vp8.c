/* SPDX-License-Identifier: Apache-2.0 */
/* VP8 (RFC 7741), behind picture.h: a frame is the payloads behind their descriptors. */
#include "../rtp/codecs.h"
#include "picture.h"

/* A keyframe begins with (RFC 6386, section 9.1): a frame tag of 3 bytes, of which the lowest bit
 * is 0; 9d 01 2a; 14 bits each of width and height, with 2 bits of scale above them. */
#define KEY_HEADER 10
#define MIN_FRAME  4 /* the tag, and a byte of its first partition */

static enum picture_take take(void *state, struct picture *pic, const uint8_t *payload, size_t len)
{
	struct vp8_desc d;
	struct refs_told *t = &pic->told;
	(void)state;
	if (!vp8_read_desc(payload, len, &d) || d.len >= len)
		return PICTURE_MALFORMED;
	t->is_discardable = d.not_a_reference;
	t->has_number = d.has_picture_id;
	t->number = d.picture_id;
	t->number_mask = d.long_id ? 0x7fff : 0x7f;
	t->has_base = d.has_tl0 && d.has_temporal;
	t->base = d.tl0;
	t->base_mask = UINT8_MAX;
	t->temporal = d.has_temporal ? (int8_t)d.temporal : -1;
	t->of_base_only = d.base_only;
	if (d.begins) {
		if (pic->n_packets)
			return PICTURE_MALFORMED;
		pic->key_coming = !(payload[d.len] & 1);
	}
	if (!picture_add(pic, payload + d.len, len - d.len))
		return PICTURE_MALFORMED;
	return d.begins ? PICTURE_BEGINS : PICTURE_MORE;
}

static enum picture_end end(void *state, struct picture *pic)
{
	const uint8_t *p = pic->bytes;
	(void)state;
	if (pic->len < MIN_FRAME)
		return PICTURE_BROKEN;
	if (p[0] & 1)
		return PICTURE_WHOLE;
	if (pic->len < KEY_HEADER || p[3] != 0x9d || p[4] != 0x01 || p[5] != 0x2a)
		return PICTURE_BROKEN;
	pic->width = (uint16_t)((p[7] << 8 | p[6]) & 0x3fff);
	pic->height = (uint16_t)((p[9] << 8 | p[8]) & 0x3fff);
	pic->told.is_keyframe = pic->width && pic->height;
	return pic->told.is_keyframe ? PICTURE_WHOLE : PICTURE_BROKEN;
}

const struct picture_format picture_vp8 = { .take = take, .end = end };
