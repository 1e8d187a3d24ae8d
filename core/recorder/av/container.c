/* SPDX-License-Identifier: Apache-2.0 */
#include "mux.h"

/* What a container can hold, of each kind (CARDEA_CODEC_NONE: without it). */
static bool in_webm(enum cardea_codec_id audio, enum cardea_codec_id video)
{
	return (audio == CARDEA_CODEC_NONE || audio == CARDEA_OPUS) &&
	       (video == CARDEA_CODEC_NONE || video == CARDEA_VP8 || video == CARDEA_VP9 ||
		       video == CARDEA_AV1);
}

static bool in_mp4(enum cardea_codec_id audio, enum cardea_codec_id video)
{
	return (audio == CARDEA_CODEC_NONE || audio == CARDEA_OPUS) &&
	       (video == CARDEA_H264 || video == CARDEA_H265);
}

static bool in_matroska(enum cardea_codec_id audio, enum cardea_codec_id video)
{
	return audio != CARDEA_ISAC16 && audio != CARDEA_ISAC32 &&
	       (audio == CARDEA_CODEC_NONE || cardea_codec_kind(audio) == CARDEA_AUDIO) &&
	       (video == CARDEA_CODEC_NONE || cardea_codec_kind(video) == CARDEA_VIDEO);
}

enum mux_container mux_container_for(enum cardea_codec_id audio, enum cardea_codec_id video)
{
	if (audio == CARDEA_CODEC_NONE && video == CARDEA_CODEC_NONE)
		return 0;
	if (in_webm(audio, video))
		return MUX_WEBM;
	if (in_mp4(audio, video))
		return MUX_MP4;
	return in_matroska(audio, video) ? MUX_MATROSKA : 0;
}

const char *mux_extension(enum mux_container c)
{
	static const char *const endings[] = { "", "webm", "mp4", "mkv", "opus" };
	return endings[c];
}
