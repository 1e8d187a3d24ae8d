/* SPDX-License-Identifier: Apache-2.0 */
/* H.264 and H.265 payloads, behind payload.h: does a packet begin a picture that can be decoded
 * alone? */
#include "codecs.h"
#include "rtp.h"

/* H.264 (RFC 6184) and H.265 (RFC 7798): the type of the first NAL unit, looked up inside
 * aggregates and fragments. A picture that can be decoded alone begins with its parameter sets, or
 * with an IDR slice when they went before. */

void h264_look(const uint8_t *p, size_t len, struct payload_info *out)
{
	uint8_t type = p[0] & 31;
	const uint8_t *slice = p + 1, *end = p + len;
	bool begins = true;
	out->not_a_reference = !(p[0] & 0x60);
	if (type == H264_STAP_A && len > 3) {
		type = p[3] & 31;
		slice = p + 4;
	} else if (type == H264_FU_A && len > 1) {
		begins = p[1] & 0x80;
		type = p[1] & 31;
		slice = p + 2;
	}
	out->is_keyframe = type == H264_IDR || type == H264_SPS;
	/* the first macroblock of the picture: first_mb_in_slice is 0, one set bit in Exp-Golomb */
	out->starts_frame =
		begins && ((type >= 6 && type <= 9) || ((type == 1 || type == H264_IDR) &&
							       slice < end && *slice & 0x80));
}

/* Header; A, cType in six bits, PHSsize in five, F0 to F2 and Y; the extension of PHSsize bytes;
 * and of what it carries all but the header, which was this one with F and type of A and cType. */
static bool leave_paci(struct h265_payload *x)
{
	size_t size = x->len < 2 ? 0 : 2 + (size_t)(rd16(x->body) >> 4 & 31);
	if (!size || x->len < size)
		return false;
	x->head[0] = (uint8_t)((x->body[0] & 0xfe) | (x->head[0] & 1));
	x->body += size;
	x->len -= size;
	return true;
}

bool h265_unwrap(const uint8_t *p, size_t len, struct h265_payload *out)
{
	if (len < 2)
		return false;
	*out = (struct h265_payload){ .head = { p[0], p[1] }, .body = p + 2, .len = len - 2 };
	return (p[0] >> 1 & 63) != H265_PACI || leave_paci(out);
}

void h265_look(const uint8_t *p, size_t len, struct payload_info *out)
{
	struct h265_payload x;
	if (!h265_unwrap(p, len, &x))
		return;
	uint8_t type = x.head[0] >> 1 & 63;
	const uint8_t *slice = x.body, *end = x.body + x.len;
	bool begins = true;
	if (x.head[1] & 7)
		out->temporal = (int8_t)((x.head[1] & 7) - 1);
	if (type == H265_AP && x.len > 3) {
		type = x.body[2] >> 1 & 63;
		slice = x.body + 4;
	} else if (type == H265_FU && x.len > 0) {
		begins = x.body[0] & 0x80;
		type = x.body[0] & 63;
		slice = x.body + 1;
	}
	out->is_keyframe = (type >= H265_IRAP_FIRST && type <= H265_IRAP_LAST) ||
			   type == H265_VPS || type == H265_SPS;
	out->starts_frame =
		begins && ((type >= H265_VPS && type <= H265_AUD) ||
				  (type < H265_VPS && slice < end &&
					  *slice & 0x80)); /* first_slice_segment_in_pic_flag */
}
