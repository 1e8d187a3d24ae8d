/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "mux.h"

/* What a container can hold, of each kind (CARDEA_CODEC_NONE: without it). */
static bool is_opus_or_none(enum cardea_codec_id audio)
{
	return audio == CARDEA_CODEC_NONE || audio == CARDEA_OPUS || audio == CARDEA_MULTIOPUS;
}

static bool in_webm(enum cardea_codec_id audio, enum cardea_codec_id video)
{
	return is_opus_or_none(audio) && (video == CARDEA_CODEC_NONE || video == CARDEA_VP8 ||
						 video == CARDEA_VP9 || video == CARDEA_AV1);
}

static bool in_mp4(enum cardea_codec_id audio, enum cardea_codec_id video)
{
	return is_opus_or_none(audio) && (video == CARDEA_H264 || video == CARDEA_H265);
}

static bool in_matroska(enum cardea_codec_id audio, enum cardea_codec_id video)
{
	return audio != CARDEA_ISAC16 && audio != CARDEA_ISAC32 && audio < CARDEA_VP8 &&
	       (video == CARDEA_CODEC_NONE || video >= CARDEA_VP8);
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

enum mux_container mux_container_of(const char *name)
{
	size_t len = strlen(name);
	if (len > 5 && !strcmp(name + len - 5, ".part"))
		len -= 5;
	for (enum mux_container c = MUX_WEBM; c <= MUX_MATROSKA; c++) {
		const char *ending = mux_extension(c);
		size_t n = strlen(ending);
		if (len > n + 1 && name[len - n - 1] == '.' && !strncmp(name + len - n, ending, n))
			return c;
	}
	return 0;
}
