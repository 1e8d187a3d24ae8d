/* SPDX-License-Identifier: Apache-2.0 */
/* VP9 payloads, behind payload.h: keyframes and layers, which SVC has several of in one stream. */
#include "codecs.h"

/* RFC 9628, section 4.2: I P L F B E V Z, then the picture id (I), then the layer indices (L). */
void vp9_look(const uint8_t *p, size_t len, struct payload_info *out)
{
	uint8_t b = p[0];
	size_t at = 1;
	if (b & 0x80) {
		if (at >= len)
			return;
		at += 1u + (p[at] >> 7);
	}
	if (at >= len)
		return;
	if (b & 0x20) {
		out->temporal = (int8_t)(p[at] >> 5);
		out->switch_up = p[at] & 0x10;
		out->spatial = (int8_t)(p[at] >> 1 & 7);
	}
	out->starts_frame = b & 0x08;
	out->ends_frame = b & 0x04;
	/* not predicted from an earlier picture, and not an upper spatial layer that needs the
	 * lower ones */
	out->is_keyframe = !(b & 0x40) && out->starts_frame && out->spatial <= 0;
}
