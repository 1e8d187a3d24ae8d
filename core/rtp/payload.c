/* SPDX-License-Identifier: Apache-2.0 */
#include "payload.h"
#include <string.h>
#include "codecs.h"

void payload_look(enum cardea_codec_id codec, const uint8_t *payload, size_t len, const uint8_t *dd,
	size_t dd_len, struct payload_info *out)
{
	memset(out, 0, sizeof *out);
	out->temporal = out->spatial = -1;
	if (!len)
		return;
	switch (codec) {
	case CARDEA_VP8:
		vp8_look(payload, len, out);
		break;
	case CARDEA_VP9:
		vp9_look(payload, len, out);
		break;
	case CARDEA_H264:
		h264_look(payload, len, out);
		break;
	case CARDEA_H265:
		h265_look(payload, len, out);
		break;
	case CARDEA_AV1:
		av1_look(payload, len, out);
		break;
	default:
		break;
	}
	if (dd) {
		struct dd_templates own = { 0 };
		dd_look(&own, dd, dd_len, out);
	}
}
