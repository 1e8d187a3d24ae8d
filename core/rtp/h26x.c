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

void h265_look(const uint8_t *p, size_t len, struct payload_info *out)
{
	uint8_t type = p[0] >> 1 & 63;
	const uint8_t *slice = p + 2, *end = p + len;
	bool begins = true;
	if (len < 2)
		return;
	if (p[1] & 7)
		out->temporal = (int8_t)((p[1] & 7) - 1);
	if (type == H265_AP && len > 5) {
		type = p[4] >> 1 & 63;
		slice = p + 6;
	} else if (type == H265_FU && len > 2) {
		begins = p[2] & 0x80;
		type = p[2] & 63;
		slice = p + 3;
	}
	out->is_keyframe = (type >= H265_IRAP_FIRST && type <= H265_IRAP_LAST) ||
			   type == H265_VPS || type == H265_SPS;
	out->starts_frame =
		begins && ((type >= H265_VPS && type <= H265_AUD) ||
				  (type < H265_VPS && slice < end &&
					  *slice & 0x80)); /* first_slice_segment_in_pic_flag */
}
