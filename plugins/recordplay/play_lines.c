/* SPDX-License-Identifier: Apache-2.0 */
#include "play_lines.h"
#include <glib.h>

#define EXTS \
	(1u << CARDEA_EXT_MID | 1u << CARDEA_EXT_TWCC | 1u << CARDEA_EXT_ABS_SEND_TIME | \
		1u << CARDEA_EXT_AUDIO_LEVEL | 1u << CARDEA_EXT_ORIENTATION | \
		1u << CARDEA_EXT_DEPENDENCY)
#define VIDEO_FEEDBACK \
	(CARDEA_FB_NACK | CARDEA_FB_PLI | CARDEA_FB_FIR | CARDEA_FB_REMB | CARDEA_FB_TWCC)

void play_lines_of(struct play_lines *l, const struct cardea_play_track *tracks, unsigned n)
{
	l->n = MIN(n, PLAY_LINES);
	for (unsigned i = 0; i < l->n; i++) {
		l->of[i] = (struct play_line){ tracks[i].kind, tracks[i].codec, tracks[i].red, "" };
		g_strlcpy(
			l->of[i].fmtp, tracks[i].fmtp ? tracks[i].fmtp : "", sizeof l->of[i].fmtp);
	}
}

bool play_lines_fit(const struct play_lines *l, const struct play_lines *wanted)
{
	if (wanted->n > l->n)
		return false;
	for (unsigned i = 0; i < wanted->n; i++)
		if (l->of[i].kind != wanted->of[i].kind || l->of[i].codec != wanted->of[i].codec)
			return false;
	return true;
}

static void add_line(struct cardea_desc *offer, const struct play_line *t)
{
	bool is_data = t->kind == CARDEA_DATA, is_video = t->kind == CARDEA_VIDEO;
	unsigned sound_feedback = is_data ? 0 : CARDEA_FB_TWCC;
	cardea_offer_add(offer, &(struct cardea_offered){ .size = sizeof(struct cardea_offered),
					.kind = t->kind,
					.dir = is_data ? CARDEA_SENDRECV : CARDEA_SEND,
					.codec = t->codec,
					.fmtp = *t->fmtp ? t->fmtp : NULL,
					.exts = is_data ? 0 : EXTS,
					.feedback = is_video ? VIDEO_FEEDBACK : sound_feedback,
					.red = t->red });
}

void play_lines_offer(const struct play_lines *l, struct cardea_desc *offer)
{
	for (unsigned i = 0; i < l->n; i++)
		add_line(offer, &l->of[i]);
}

int play_lines_find(const struct play_lines *l, enum cardea_kind kind)
{
	for (unsigned i = 0; i < l->n; i++)
		if (l->of[i].kind == kind)
			return (int)i;
	return -1;
}
