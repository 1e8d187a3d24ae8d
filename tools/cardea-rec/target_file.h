/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../../core/recorder/av/mux.h"

/** @file
 * A media file that is made from frames, of the format that its name's ending tells. */
enum target {
	TARGET_NONE,
	TARGET_WEBM,
	TARGET_MP4,
	TARGET_MATROSKA,
	TARGET_OGG,
	TARGET_WAV,
	TARGET_MJR,
	TARGET_MESSAGES
};

enum target target_of(const char *path);            /**< by its ending */
const char *target_endings(void);                   /**< those that are known, for people */
enum mux_container target_container(enum target t); /**< 0: TARGET_WAV and what is no media */
bool target_holds(enum target t, enum cardea_codec_id codec);

struct target_file;
struct target_conf {
	const char *path;
	bool over; /**< take the place of what is there */
	const char *title;
	int64_t began_us; /**< Unix time; 0: not known */
};
/** @return NULL: @p why, a sentence */
struct target_file *target_file_open(const struct target_conf *conf, const struct mux_track *tracks,
	unsigned n, char *why, size_t size);
/** As mux_write(). ERR_IO: target_file_end() says why */
enum err target_file_write(
	struct target_file *m, unsigned track, const struct rec_frame *f, int64_t us);
/** Make it whole, with progress. Frees. @param keep false: nothing is left of it
 *  @return false: @p why, and nothing is left */
bool target_file_end(struct target_file *m, bool keep, char *why, size_t size);
