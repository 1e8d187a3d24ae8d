/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>

/** @file
 * The m-lines by which a playback is offered: one a track, in their order. A leaf. */
#define PLAY_LINES 4

struct play_line {
	enum cardea_kind kind;
	enum cardea_codec_id codec;
	bool red;
	char fmtp[256]; /**< "": none */
};
struct play_lines {
	struct play_line of[PLAY_LINES];
	unsigned n;
};
void play_lines_of(struct play_lines *l, const struct cardea_play_track *tracks, unsigned n);
/** The m-lines of @p l do for @p wanted, too. */
bool play_lines_fit(const struct play_lines *l, const struct play_lines *wanted);
void play_lines_offer(const struct play_lines *l, struct cardea_desc *offer);
/** The m-line of a kind; -1: none */
int play_lines_find(const struct play_lines *l, enum cardea_kind kind);
