/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/media.h>
#include "../file.h"
#include "../packet.h"

/** @file
 * Containers by libavformat: a module (cardea-av.so) that is loaded when something is recorded
 * first, and linked into cardea-rec. Clusters (WebM, Matroska) or fragments (MP4) of a second at
 * most, each written out when it is whole: what stands in the file can be played at any time. One
 * thread a file. */
enum mux_container { MUX_WEBM = 1, MUX_MP4, MUX_MATROSKA, MUX_OGG /**< Opus alone */ };

/** WebM for VP8, VP9 or AV1 with Opus, MP4 for H.264 or H.265 with or without Opus, Matroska for
 *  the rest. CARDEA_CODEC_NONE: no such track. 0: none can hold it */
enum mux_container mux_container_for(enum cardea_codec_id audio, enum cardea_codec_id video);
const char *mux_extension(enum mux_container c); /**< "webm", "mp4", "mkv", "opus" */
/** By the ending of a name: "a.webm", "a.webm.part". 0: it is of none */
enum mux_container mux_container_of(const char *name);

struct mux_track {
	enum cardea_codec_id codec;
	uint16_t width, height;      /**< video; 0: not known */
	uint32_t clock_hz, channels; /**< audio */
	const uint8_t *head;         /**< depack_head() of its first keyframe; NULL: none */
	size_t head_len;
	const char *name; /**< shown by players; NULL: none */
};
struct mux_conf {
	enum mux_container container;
	struct rec_file *file; /**< borrowed until mux_end() */
	const char *title;     /**< NULL: none */
	int64_t began_us;      /**< Unix time of its first moment; 0: not known */
};

struct mux;
/** Write the head. @return NULL: @p why says so, in a sentence */
struct mux *mux_new(const struct mux_conf *conf, const struct mux_track *tracks, unsigned n,
	char *why, size_t size);
/** @param us timeline_place(); of one track never falling. ERR_IO: the file says why */
enum err mux_write(struct mux *m, unsigned track, const struct rec_frame *f, int64_t us);
/** Write out what has been given and is not in the file yet. */
enum err mux_flush(struct mux *m);
/** Write the rest, and free. */
enum err mux_end(struct mux *m);

/** Of an MP4 that is made whole some 110 bytes a frame are kept in memory: 30 MB an hour. */
#define MUX_FRAMES_MAX (4u << 20) /**< 15 hours of sound and pictures, 450 MB */

/** Copy what can be read of @p from (also one that was cut off) to @p to with duration, cues, moov
 *  in front. Blocks long: pool or tool, low priority. Of an MP4 of more than MUX_FRAMES_MAX:
 *  ERR_FULL, it stays in fragments, as it was written.
 *  @param progress called with 0…1 now and then, again while it looks for the next frame;
 *  returns false to stop, and then always; NULL: not wanted */
enum err mux_finish(const char *from, struct rec_file *to, enum mux_container c,
	bool (*progress)(void *arg, double done), void *arg, char *why, size_t size);
struct mux_copy {
	const char *title;   /**< NULL: as the old file has it */
	uint64_t mp4_frames; /**< more are refused; 0: none are, whatever memory it takes */
	bool (*progress)(void *arg, double done);
	void *arg;
};
/** The same, as it is wanted. */
enum err mux_copy(const char *from, struct rec_file *to, enum mux_container c,
	const struct mux_copy *how, char *why, size_t size);

/** What is in a file. */
struct mux_info {
	int64_t duration_us, began_us; /**< began_us 0: not told */
	unsigned n_tracks;
	struct {
		enum cardea_codec_id codec;
		uint16_t width, height;
		uint32_t clock_hz, channels;
		uint64_t frames, keyframes;
		int64_t first_us, last_us;
	} tracks[8];
	bool is_whole; /**< it has its end: duration and index */
};
/** @param deep read all frames, and not only the head */
enum err mux_info(const char *path, bool deep, struct mux_info *out, char *why, size_t size);

/** Reading, for playback and tools. */
struct demux;
struct demux *demux_open(const char *path, struct mux_info *info, char *why, size_t size);
/** The next frame in file order, as struct rec_frame has it; borrowed until the next call.
 *  ERR_NOT_FOUND: the end. */
enum err demux_read(struct demux *d, unsigned *track, struct rec_frame *f, int64_t *us);
/** Go to the last keyframe not after @p us. */
enum err demux_seek(struct demux *d, int64_t us);
void demux_close(struct demux *d);
