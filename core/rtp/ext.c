/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "ext.h"

#define WEBRTC "http://www.webrtc.org/experiments/rtp-hdrext/"
#define IETF   "urn:ietf:params:rtp-hdrext:"

_Static_assert(CARDEA_N_EXT <= CARDEA_EXT_MAX, "a struct of plugins has no room for it");

enum { AUDIO = 1, VIDEO = 2, BOTH = 3 };

static const struct {
	const char *uri;
	uint8_t id;
	uint8_t suits;
} exts[CARDEA_N_EXT] = {
	[CARDEA_EXT_MID] = { IETF "sdes:mid", 4, BOTH },
	[CARDEA_EXT_RID] = { IETF "sdes:rtp-stream-id", 5, VIDEO },
	[CARDEA_EXT_RRID] = { IETF "sdes:repaired-rtp-stream-id", 6, VIDEO },
	[CARDEA_EXT_AUDIO_LEVEL] = { IETF "ssrc-audio-level", 1, AUDIO },
	[CARDEA_EXT_ORIENTATION] = { "urn:3gpp:video-orientation", 13, VIDEO },
	[CARDEA_EXT_PLAYOUT_DELAY] = { WEBRTC "playout-delay", 12, VIDEO },
	[CARDEA_EXT_TWCC] = { "http://www.ietf.org/id/"
			      "draft-holmer-rmcat-transport-wide-cc-extensions-01",
		3, BOTH },
	[CARDEA_EXT_ABS_SEND_TIME] = { WEBRTC "abs-send-time", 2, VIDEO },
	[CARDEA_EXT_ABS_CAPTURE_TIME] = { WEBRTC "abs-capture-time", 7, BOTH },
	[CARDEA_EXT_DEPENDENCY] = { "https://aomediacodec.github.io/av1-rtp-spec/"
				    "#dependency-descriptor-rtp-header-extension",
		8, VIDEO },
	[CARDEA_EXT_LAYERS] = { WEBRTC "video-layers-allocation00", 9, VIDEO },
	[CARDEA_EXT_TOFFSET] = { IETF "toffset", 14, VIDEO },
};

const char *ext_uri(enum cardea_ext x)
{
	return exts[x].uri;
}

enum cardea_ext ext_find(const char *uri)
{
	for (unsigned x = 0; x < CARDEA_N_EXT; x++)
		if (strcmp(exts[x].uri, uri) == 0)
			return x;
	return CARDEA_N_EXT;
}

uint8_t ext_offer_id(enum cardea_ext x)
{
	return exts[x].id;
}

bool ext_suits(enum cardea_ext x, enum cardea_kind kind)
{
	if (kind == CARDEA_AUDIO)
		return exts[x].suits & AUDIO;
	return kind == CARDEA_VIDEO && exts[x].suits & VIDEO;
}
