/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include "../../core/recorder/av/mux.h"
#include "media_maker.h"

/** @file
 * Films of real frames, written by the recorder's containers into a folder of their own, and judged
 * by ffprobe and ffmpeg. Of what a test lacks an encoder for, it is skipped. */
#define FILM_WIDTH 160

extern char film_dir[64], film_path[256], film_why[512];

int film_setup(void **state);
int film_teardown(void **state);
int film_unmake(void **state); /**< Of a group: the frames. */
/** A path in the folder: film_path. */
const char *film_at(const char *name);

/** A film that is being written. */
struct film {
	struct rec_file *file;
	struct mux *mux;
	enum cardea_codec_id audio, video;
	const struct made *sound, *pictures;
	unsigned n_sound, n_pictures;
};
unsigned film_clock_of(enum cardea_codec_id c);
unsigned film_channels_of(enum cardea_codec_id c);
void film_prepare(struct film *f, enum cardea_codec_id audio, enum cardea_codec_id video);
/** @return false: film_why */
bool film_open(struct film *f, const struct rec_disk *disk, const char *name);
/** Sound of 20 ms and pictures of 40 ms, these @p late_us behind. */
enum err film_go_on(struct film *f, int64_t from_us, int64_t to_us, int64_t late_us);
/** NAME.part, all of it, and NAME.killed, as the process would have left it that far. */
void film_write_unended(
	enum cardea_codec_id audio, enum cardea_codec_id video, const char *name, int64_t end_us);

/** Finish @p from to @p to: it plays, and is whole. @return µs of its last frame */
int64_t film_finish(const char *from, const char *to, enum mux_container c);
/** A command of the shell, as printf(). @return its status */
int film_run(const char *format, ...);
/** Every frame of it can be decoded, and nothing is said about it. */
void film_assert_plays(const char *name);
unsigned film_count(const char *name, const char *stream); /**< Its packets; "a:0", "v:0". */
double film_last_s(const char *name, const char *stream);  /**< The last one's time. */
