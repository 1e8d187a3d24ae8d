/* SPDX-License-Identifier: Apache-2.0 */
/* VP9 payloads, behind payload.h: keyframes and layers, which SVC has several of in one stream. */
#include "codecs.h"
#include "rtp.h"

/* TID U SID D, and TL0PICIDX where references are not listed. */
static bool read_layers(const uint8_t *p, size_t len, size_t *at, struct vp9_desc *d)
{
	if (*at + !d->flexible >= len)
		return false;
	d->has_layers = true;
	d->temporal = p[*at] >> 5;
	d->switch_up = p[*at] & 0x10;
	d->spatial = p[*at] >> 1 & 7;
	++*at;
	if (!d->flexible) {
		d->has_tl0 = true;
		d->tl0 = p[(*at)++];
	}
	return true;
}

/* P_DIFF of seven bits, and N: one more follows. */
static bool read_back(const uint8_t *p, size_t len, size_t *at, struct vp9_desc *d)
{
	bool more = true;
	while (more) {
		if (*at >= len || d->n_back == 3)
			return false;
		more = p[*at] & 1;
		d->back[d->n_back++] = p[(*at)++] >> 1;
	}
	return true;
}

/* N_S Y G; Y: width and height of N_S + 1 layers; G: N_G, then each picture's TID U R, and R times
 * P_DIFF. */
static bool skip_structure(const uint8_t *p, size_t len, size_t *at)
{
	uint8_t head;
	unsigned n;
	if (*at >= len)
		return false;
	head = p[(*at)++];
	if (head & 0x10)
		*at += 4u * ((head >> 5) + 1u);
	if (!(head & 0x08))
		return *at <= len;
	if (*at >= len)
		return false;
	for (n = p[(*at)++]; n; n--) {
		if (*at >= len)
			return false;
		*at += 1u + (p[*at] >> 2 & 3);
	}
	return *at <= len;
}

bool vp9_read_desc(const uint8_t *p, size_t len, struct vp9_desc *d)
{
	uint8_t b = p[0];
	size_t at = 1;
	*d = (struct vp9_desc){
		.predicted = b & 0x40, .flexible = b & 0x10, .begins = b & 0x08, .ends = b & 0x04
	};
	if (b & 0x80) {
		if (at >= len || at + (p[at] >> 7) >= len)
			return false;
		d->has_picture_id = true;
		d->long_id = p[at] >> 7;
		d->picture_id = d->long_id ? rd16(p + at) & 0x7fff : p[at];
		at += 1u + d->long_id;
	}
	if (b & 0x20 && !read_layers(p, len, &at, d))
		return false;
	if (d->flexible && d->predicted && !read_back(p, len, &at, d))
		return false;
	if (b & 0x02 && !skip_structure(p, len, &at))
		return false;
	d->len = at;
	return true;
}

void vp9_look(const uint8_t *p, size_t len, struct payload_info *out)
{
	struct vp9_desc d;
	if (!vp9_read_desc(p, len, &d))
		return;
	if (d.has_layers) {
		out->temporal = (int8_t)d.temporal;
		out->switch_up = d.switch_up;
		out->spatial = (int8_t)d.spatial;
	}
	out->starts_frame = d.begins;
	out->ends_frame = d.ends;
	/* not predicted from an earlier picture, and not an upper spatial layer that needs the
	 * lower ones */
	out->is_keyframe = !d.predicted && d.begins && out->spatial <= 0;
}
