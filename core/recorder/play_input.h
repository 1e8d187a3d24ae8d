/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/media.h>
#include "../base/err.h"
#include "play_unit.h"

/** @file
 * What is played: a file of a container (play_media.c), or MJR files, one a track (play_mjr.c). It
 * gives units in the order of their times. One thread; it blocks. */
#define PLAY_TRACKS 4
#define PLAY_TEXT   256

/** A track, as a flat value: it travels to control. */
struct play_track {
	uint8_t kind;  /**< enum cardea_kind; data too */
	uint8_t codec; /**< enum cardea_codec_id */
	uint8_t channels;
	uint8_t pt, red_pt; /**< of its packets; red_pt 0: no redundant audio */
	uint32_t clock_hz;
	uint8_t ext[CARDEA_N_EXT]; /**< ids of header extensions in its packets */
	char fmtp[PLAY_TEXT];      /**< "": none */
};

struct play_input {
	const struct play_input_ops *ops;
	unsigned n_tracks;
	struct play_track tracks[PLAY_TRACKS];
	int64_t duration_us; /**< 0: not known */
};
struct play_input_ops {
	/** Look through it, as far as a slice of some milliseconds goes, before anything else is
	 *  wanted of it. ERR_AGAIN: there is more of it; else as below. NULL: there is no need */
	enum err (*survey)(struct play_input *in, char *why, size_t size);
	/** The next unit, borrowed until the next call, and may be changed. ERR_NOT_FOUND: the
	 *  end; ERR_AGAIN: none yet, after a slice of a millisecond; else it cannot go on: @p why
	 *  says so */
	enum err (*read)(struct play_input *in, struct play_unit **u, char *why, size_t size);
	/** Go back or forth so that the next unit of video is the last keyframe not after @p us, or
	 *  the first of all. Earlier units may be given before that one. */
	enum err (*seek)(struct play_input *in, int64_t us);
	void (*close)(struct play_input *in);
};

/** @return NULL: @p why, a sentence that names the file */
struct play_input *play_media_open(const char *path, char *why, size_t size);
/** It has no duration before it is surveyed. Files that are empty, or cannot be read, are left out
 *  as long as one is left; @p why tells of the last of them, else it is empty. */
struct play_input *play_mjr_open(const char *const *paths, unsigned n, char *why, size_t size);
