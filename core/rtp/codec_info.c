/* SPDX-License-Identifier: Apache-2.0 */
#include <strings.h>
#include "codec_info.h"

static const struct codec_info codecs[CARDEA_N_CODECS] = {
	[CARDEA_OPUS] = { "opus", "opus", CARDEA_AUDIO, 48000, 2, 111, 0, 120 },
	[CARDEA_MULTIOPUS] = { "multiopus", "multiopus", CARDEA_AUDIO, 48000, 6, 111, 0 },
	[CARDEA_G722] = { "g722", "G722", CARDEA_AUDIO, 8000, 1, 9, 0 },
	[CARDEA_PCMU] = { "pcmu", "PCMU", CARDEA_AUDIO, 8000, 1, 0, 0 },
	[CARDEA_PCMA] = { "pcma", "PCMA", CARDEA_AUDIO, 8000, 1, 8, 0 },
	[CARDEA_ISAC32] = { "isac32", "ISAC", CARDEA_AUDIO, 32000, 1, 104, 0 },
	[CARDEA_ISAC16] = { "isac16", "ISAC", CARDEA_AUDIO, 16000, 1, 103, 0 },
	[CARDEA_L16_48] = { "l16-48", "L16", CARDEA_AUDIO, 48000, 1, 105, 0 },
	[CARDEA_L16] = { "l16", "L16", CARDEA_AUDIO, 16000, 1, 106, 0 },
	[CARDEA_VP8] = { "vp8", "VP8", CARDEA_VIDEO, 90000, 1, 96, 97 },
	[CARDEA_VP9] = { "vp9", "VP9", CARDEA_VIDEO, 90000, 1, 101, 102 },
	[CARDEA_H264] = { "h264", "H264", CARDEA_VIDEO, 90000, 1, 107, 108 },
	[CARDEA_AV1] = { "av1", "AV1", CARDEA_VIDEO, 90000, 1, 98, 99 },
	[CARDEA_H265] = { "h265", "H265", CARDEA_VIDEO, 90000, 1, 100, 109 },
};

const struct codec_info *codec_info(enum cardea_codec_id id)
{
	return id > CARDEA_CODEC_NONE && id < CARDEA_N_CODECS ? &codecs[id] : NULL;
}

const char *cardea_codec_name(enum cardea_codec_id id)
{
	const struct codec_info *c = codec_info(id);
	return c ? c->name : NULL;
}

enum cardea_codec_id cardea_codec_by_name(const char *name)
{
	for (int id = 1; name && id < CARDEA_N_CODECS; id++)
		if (strcasecmp(codecs[id].name, name) == 0)
			return id;
	return CARDEA_CODEC_NONE;
}

enum cardea_kind cardea_codec_kind(enum cardea_codec_id id)
{
	const struct codec_info *c = codec_info(id);
	return c ? c->kind : CARDEA_OTHER;
}
