/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "stream.h"

const char *kind_name(enum cardea_kind kind)
{
	if (kind == CARDEA_AUDIO)
		return "audio";
	return kind == CARDEA_VIDEO ? "video" : "data";
}

const char *stream_track_name(const struct stream *s)
{
	return s->track_id ? s->track_id : s->mid;
}

bool stream_has_levels(const struct stream *s)
{
	return s->exts & 1u << CARDEA_EXT_AUDIO_LEVEL;
}

void stream_agree(
	struct stream *s, const struct cardea_media *offered, const struct cardea_media *ours)
{
	char value[32];
	s->kind = offered->kind;
	g_strlcpy(s->mid, offered->mid, sizeof s->mid);
	s->disabled = ours->rejected || !(ours->dir & CARDEA_RECV);
	s->codec = s->disabled || !ours->n_codecs ? CARDEA_CODEC_NONE : ours->codecs[0].id;
	s->simulcast = !s->disabled && offered->n_layers > 1;
	s->svc = !s->disabled && offered->svc;
	s->exts = 0;
	*s->profile = *s->fmtp = '\0';
	s->stereo = s->fec = s->dtx = s->red = false;
	if (s->disabled || !ours->n_codecs)
		return;
	for (unsigned x = 0; x < CARDEA_N_EXT; x++)
		s->exts |= ours->ext[x] && !(ours->ext_send_only & 1u << x) ? 1u << x : 0;
	s->red = ours->codecs[0].red_pt != 0;
	const char *fmtp = ours->codecs[0].fmtp;
	g_strlcpy(s->fmtp, fmtp, sizeof s->fmtp);
	s->stereo = cardea_fmtp_get(fmtp, "stereo", value, sizeof value) && *value == '1';
	s->fec = cardea_fmtp_get(fmtp, "useinbandfec", value, sizeof value) && *value == '1';
	s->dtx = cardea_fmtp_get(fmtp, "usedtx", value, sizeof value) && *value == '1';
	if (cardea_fmtp_get(fmtp, s->codec == CARDEA_H264 ? "profile-level-id" : "profile-id",
		    value, sizeof value))
		g_strlcpy(s->profile, value, sizeof s->profile);
}

void stream_clear(struct stream *s)
{
	g_free(s->description);
	g_free(s->track_id);
}

void streams_free(struct stream *streams, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		stream_clear(&streams[i]);
	g_free(streams);
}

json_t *stream_json(const struct stream *s, unsigned mindex, bool with_talking)
{
	json_t *j = json_pack("{s:s, s:i, s:s}", "type", kind_name(s->kind), "mindex", (int)mindex,
		"mid", s->mid);
	if (s->disabled) {
		json_object_set_new(j, "disabled", json_true());
		return j;
	}
	const char *profile = s->codec == CARDEA_H264 ? "h264_profile" : "vp9_profile";
	if (s->description)
		json_object_set_new(j, "description", json_string(s->description));
	if (s->codec)
		json_object_set_new(j, "codec", json_string(cardea_codec_name(s->codec)));
	if (*s->profile)
		json_object_set_new(j, profile, json_string(s->profile));
	const struct {
		const char *name;
		bool on;
	} flags[] = {
		{ "stereo", s->stereo },
		{ "fec", s->fec },
		{ "dtx", s->dtx },
		{ "simulcast", s->simulcast },
		{ "svc", s->svc },
		{ "moderated", s->moderated },
	};
	for (size_t f = 0; f < G_N_ELEMENTS(flags); f++)
		if (flags[f].on)
			json_object_set_new(j, flags[f].name, json_true());
	if (with_talking && stream_has_levels(s))
		json_object_set_new(j, "talking", json_boolean(s->talking));
	return j;
}
