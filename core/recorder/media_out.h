/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/media.h>
#include "../router/track.h"
#include "packet.h"
#include "rec_env.h"

/** @file
 * The media files of a recording, one after another: BASE.webm, BASE-2.webm, … A container's tracks
 * are fixed in its head. So the head waits for the first frames of the tracks that are wanted, and
 * until it is known how the times of two go together, but no longer than MEDIA_WAIT_US after the
 * first frame of any; what comes meanwhile is kept, and placed then. A track that
 * comes later, and another codec, begin the next file: at a keyframe, where there are pictures.
 *
 * Sound at 0 ms, pictures from 300 ms on: both are kept until 300 ms, then the head names both.
 * No picture until 2,000 ms: VP8 is named all the same, as its head needs no frame; H.264 is not,
 * and its first picture at 5,000 ms begins BASE-2.mp4. Recorder's thread. */
#define MEDIA_WAIT_US 2000000
#define MEDIA_HELD    (16u << 20) /**< bytes kept at most; then the head is written */

enum { MEDIA_AUDIO, MEDIA_VIDEO, MEDIA_SLOTS };

struct media_out;
struct media_out_conf {
	const struct rec_env *env;
	uint64_t recording;
	const char *base; /**< path; what the names of files begin with, borrowed */
	const char *title;
	/** Pictures are needed that can be begun with. */
	void (*want_keyframe)(void *arg);
	/** When a frame is to be shown, of those that come now, each once: timeline_place(). */
	int64_t (*place)(void *arg, unsigned slot, const struct rec_frame *f);
	void *arg;
};
struct media_out *media_out_new(const struct media_out_conf *conf); /**< NULL: no memory */
/** A track is on its way to media_out_track(): heads wait for that, too, as frames of the other may
 *  be here before. */
void media_out_expect(struct media_out *m, unsigned slot);
/** A track is wanted, as of @p t, or not any more (NULL). */
void media_out_track(struct media_out *m, unsigned slot, const struct track *t);
/** Sender reports have told how its times go with others': heads wait for that, too. */
void media_out_aligned(struct media_out *m, unsigned slot);
/** @param f of pictures, the first after media_out_track() is a keyframe
 *  @return false: it cannot go on; media_out_error() */
bool media_out_frame(struct media_out *m, unsigned slot, const struct rec_frame *f);
/** What is kept for the head is written: its times are not to be those of later. */
void media_out_hurry(struct media_out *m);
/** Write heads that have waited long enough, and see to it that the file is on the disk. Some ten
 *  times a second. */
void media_out_tick(struct media_out *m, int64_t now_us);
/** Write the rest of the file, and tell of it. */
void media_out_end(struct media_out *m);
void media_out_free(struct media_out *m);               /**< NULL is fine. */
const char *media_out_error(const struct media_out *m); /**< NULL: none */
uint64_t media_out_bytes(const struct media_out *m);    /**< of all files */
int64_t media_out_duration(const struct media_out *m);  /**< likewise */
