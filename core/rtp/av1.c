/* SPDX-License-Identifier: Apache-2.0 */
/* AV1 payloads, behind payload.h: does a packet begin a coded video sequence, and in which layer?
 * */
#include "codecs.h"

bool av1_leb128(const uint8_t **p, const uint8_t *end, size_t *v)
{
	*v = 0;
	for (unsigned shift = 0; *p < end && shift < 28; shift += 7) {
		uint8_t b = *(*p)++;
		*v |= (size_t)(b & 0x7f) << shift;
		if (!(b & 0x80))
			return true;
	}
	return false;
}

/* AV1 RTP specification, section 4.4: Z Y W N in the aggregation header, then OBU elements. Layer
 * ids are in the OBU extension header, where there is one; the dependency descriptor knows better
 * and is read after this. */
void av1_look(const uint8_t *p, size_t len, struct payload_info *out)
{
	const uint8_t *end = p + len;
	uint8_t agg = *p++;
	unsigned w = agg >> 4 & 3;
	out->is_keyframe = out->starts_frame = agg & 0x08; /* N: a new coded video sequence */
	if (agg & 0x80)
		return; /* begins inside an OBU */
	for (unsigned i = 1; p < end && i <= 4; i++) {
		size_t n = (size_t)(end - p);
		if ((!w || i < w) && (!av1_leb128(&p, end, &n) || n > (size_t)(end - p)))
			return;
		if (n >= 2 && p[0] & 0x04) {
			out->temporal = (int8_t)(p[1] >> 5);
			out->spatial = (int8_t)(p[1] >> 3 & 3);
			return;
		}
		p += n;
		if (w && i == w)
			return;
	}
}
