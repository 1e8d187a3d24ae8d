/* SPDX-License-Identifier: Apache-2.0 */
/* VP8 payloads, behind payload.h: keyframes, temporal layers, and the counters that the router
 * rewrites. */
#include "codecs.h"
#include "rtp.h"

bool vp8_read_desc(const uint8_t *p, size_t len, struct vp8_desc *d)
{
	size_t at = 1;
	uint8_t x = 0, layers;
	*d = (struct vp8_desc){ .begins = (p[0] & 0x17) == 0x10, .not_a_reference = p[0] & 0x20 };
	if (p[0] & 0x80) {
		if (at >= len)
			return false;
		x = p[at++];
	}
	if (x & 0x80) {
		if (at >= len || at + (p[at] >> 7) >= len)
			return false;
		d->has_picture_id = true;
		d->picture_id_off = (uint8_t)at;
		d->long_id = p[at] >> 7;
		d->picture_id = d->long_id ? rd16(p + at) & 0x7fff : p[at];
		at += 1u + d->long_id;
	}
	if (x & 0x40) {
		if (at >= len)
			return false;
		d->has_tl0 = true;
		d->tl0_off = (uint8_t)at;
		d->tl0 = p[at++];
	}
	if (x & 0x30) { /* TID Y KEYIDX */
		if (at >= len)
			return false;
		layers = p[at++];
		d->has_temporal = x & 0x20;
		d->temporal = layers >> 6;
		d->base_only = layers & 0x20;
	}
	d->len = at;
	return true;
}

void vp8_look(const uint8_t *p, size_t len, struct payload_info *out)
{
	struct vp8_desc d;
	if (!vp8_read_desc(p, len, &d))
		return;
	out->starts_frame = d.begins;
	out->not_a_reference = d.not_a_reference;
	out->is_keyframe = d.begins && d.len < len && !(p[d.len] & 1);
	if (d.has_picture_id) {
		out->has_picture_id = true;
		out->picture_id_15bit = d.long_id;
		out->picture_id = d.picture_id;
		out->picture_id_off = d.picture_id_off;
	}
	if (d.has_tl0) {
		out->has_tl0 = true;
		out->tl0 = d.tl0;
		out->tl0_off = d.tl0_off;
	}
	if (d.has_temporal) {
		out->temporal = (int8_t)d.temporal;
		out->switch_up = d.base_only;
	}
}
