/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include "bitrate.h"
#include "named_tracks.h"
#include "publisher_answer.h"

#define FEEDBACK_VIDEO (CARDEA_FB_NACK | CARDEA_FB_PLI | CARDEA_FB_FIR | CARDEA_FB_REMB)

static const enum cardea_codec_id *room_codecs(const struct room *r, enum cardea_kind kind)
{
	return kind == CARDEA_AUDIO ? r->audio : r->video;
}

/* The profile that the room prefers; NULL: any. */
static const char *profile_of(const struct room *r, enum cardea_codec_id codec)
{
	if (codec == CARDEA_VP9)
		return r->vp9_profile;
	return codec == CARDEA_H264 ? r->h264_profile : NULL;
}

/* The room's first codec that the m-line offers, or the one the publisher insists on. */
static int choose_codec(const struct room *r, const struct cardea_media *m, const char *forced)
{
	const enum cardea_codec_id *allowed = room_codecs(r, m->kind);
	for (unsigned i = 0; i < ROOM_CODECS && allowed[i]; i++) {
		if (forced && cardea_codec_by_name(forced) != allowed[i])
			continue;
		int at = cardea_pick(m, allowed[i], profile_of(r, allowed[i]));
		if (at >= 0)
			return at;
	}
	return -1;
}

bool publisher_codec_allowed(const struct room *r, enum cardea_kind kind, const char *name)
{
	const enum cardea_codec_id *allowed = room_codecs(r, kind);
	for (unsigned i = 0; i < ROOM_CODECS && allowed[i]; i++)
		if (name && cardea_codec_by_name(name) == allowed[i])
			return true;
	return !name;
}

/* Files have no word for how a picture is to be turned: without it a phone that is turned sends
 * pictures that stand upright. */
static bool takes_orientation(const struct publisher *p)
{
	return p->room->videoorient_ext && !p->room->record && !p->record;
}

static uint32_t extensions(const struct publisher *p)
{
	const struct room *r = p->room;
	uint32_t off = (r->audiolevel_ext ? 0 : 1u << CARDEA_EXT_AUDIO_LEVEL) |
		       (takes_orientation(p) ? 0 : 1u << CARDEA_EXT_ORIENTATION) |
		       (r->playoutdelay_ext ? 0 : 1u << CARDEA_EXT_PLAYOUT_DELAY) |
		       (r->transport_wide_cc_ext ? 0 : 1u << CARDEA_EXT_TWCC);
	return CARDEA_EXTS_USED & ~off;
}

static bool takes_red(const struct room *r, const struct cardea_media *m)
{
	return r->opusred == RED_ALL || (r->opusred == RED_PREFERRED && m->red_first);
}

/* An audio or video m-line; it stays rejected when none of its codecs is to be had. */
static void accept_media(struct cardea_desc *a, const struct publisher *p,
	const struct cardea_desc *offer, unsigned i, const struct cardea_args *args)
{
	const struct room *r = p->room;
	const struct cardea_media *m = &offer->media[i];
	bool video = m->kind == CARDEA_VIDEO;
	bool unnamed = p->named_tracks && !named_tracks_id(p->named_tracks, i);
	int codec = choose_codec(r, m, cardea_str(args, video ? "videocodec" : "audiocodec"));
	char fmtp[256];
	if (codec < 0)
		return;
	bool opus = m->codecs[codec].id == CARDEA_OPUS;
	if (opus)
		cardea_opus_fmtp(
			fmtp, sizeof fmtp, m->codecs[codec].fmtp, r->opus_fec, r->opus_dtx);
	cardea_accept(a, offer, i,
		&(struct cardea_accept){ .size = sizeof(struct cardea_accept),
			.dir = unnamed ? CARDEA_INACTIVE : CARDEA_RECV,
			.codec = codec,
			.exts = extensions(p),
			.fmtp = opus ? fmtp : NULL,
			.red = opus && takes_red(r, m),
			.feedback = (video ? FEEDBACK_VIDEO : 0) |
				    (r->transport_wide_cc_ext ? CARDEA_FB_TWCC : 0),
			.bandwidth_bps = video && r->bitrate_cap ? bitrate_cap_of(p) : 0 });
}

struct cardea_desc *publisher_answer(
	const struct publisher *p, const struct cardea_desc *offer, const struct cardea_args *args)
{
	struct cardea_desc *a = cardea_answer_new(offer);
	snprintf(a->name, sizeof a->name, "VideoRoom %s", p->room->id.text);
	a->e2ee = offer->e2ee;
	for (unsigned i = 0; i < offer->n_media; i++) {
		const struct cardea_media *m = &offer->media[i];
		bool is_media = m->kind == CARDEA_AUDIO || m->kind == CARDEA_VIDEO;
		if (m->kind == CARDEA_DATA && !p->named_tracks)
			cardea_accept(a, offer, i,
				&(struct cardea_accept){
					.size = sizeof(struct cardea_accept), .dir = m->dir });
		else if (is_media && !m->rejected && m->dir & CARDEA_RECV)
			accept_media(a, p, offer, i, args);
	}
	return a;
}
