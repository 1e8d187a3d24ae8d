/* SPDX-License-Identifier: Apache-2.0 */
/* VP8 payloads, behind payload.h: keyframes, temporal layers, and the counters that the router
 * rewrites. */
#include "codecs.h"
#include "rtp.h"

/* RFC 7741, section 4.2: X R N S R PID, then X: I L T K, then what these announce, then the VP8
 * payload header. */
struct desc {
	uint8_t x; /* the byte of I, L, T and K; 0 without */
	size_t len;
	uint8_t pid_off, tl0_off;
	uint8_t layers; /* TID Y KEYIDX */
	uint16_t picture_id;
	bool long_id;
};

static bool read_desc(const uint8_t *p, size_t len, struct desc *d)
{
	size_t at = 1;
	*d = (struct desc){ 0 };
	if (p[0] & 0x80) {
		if (at >= len)
			return false;
		d->x = p[at++];
	}
	if (d->x & 0x80) {
		if (at >= len)
			return false;
		d->pid_off = (uint8_t)at;
		d->long_id = p[at] >> 7;
		if (at + d->long_id >= len)
			return false;
		d->picture_id = d->long_id ? rd16(p + at) & 0x7fff : p[at];
		at += 1u + d->long_id;
	}
	if (d->x & 0x40)
		d->tl0_off = (uint8_t)at++;
	if (d->x & 0x30) {
		if (at >= len)
			return false;
		d->layers = p[at++];
	}
	d->len = at;
	return at <= len;
}

void vp8_look(const uint8_t *p, size_t len, struct payload_info *out)
{
	struct desc d;
	if (!read_desc(p, len, &d))
		return;
	out->starts_frame = (p[0] & 0x17) == 0x10; /* S, and partition 0 */
	out->not_a_reference = p[0] & 0x20;
	out->is_keyframe = out->starts_frame && d.len < len && !(p[d.len] & 1);
	if (d.x & 0x80) {
		out->has_picture_id = true;
		out->picture_id_15bit = d.long_id;
		out->picture_id = d.picture_id;
		out->picture_id_off = d.pid_off;
	}
	if (d.x & 0x40) {
		out->has_tl0 = true;
		out->tl0 = p[d.tl0_off];
		out->tl0_off = d.tl0_off;
	}
	if (d.x & 0x20) {
		out->temporal = (int8_t)(d.layers >> 6);
		out->switch_up = d.layers & 0x20;
	}
}
