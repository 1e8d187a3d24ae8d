/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include "../../core/recorder/av/mux.h"
#include "../../core/recorder/mjr.h"
#include "../../core/recorder/reorder.h"

/** @file
 * MJR files of one participant as frames of one recording: packets in their order, pictures and
 * sound made of them, and each file's times laid on one line by when its packets came. */
#define FRAMES_FILES 8

struct frames;
struct frames_ops {
	/** @param us since the recording began */
	void (*frame)(void *arg, unsigned track, const struct rec_frame *f, int64_t us);
	void (*message)(void *arg, const uint8_t *bytes, size_t len, bool is_binary, int64_t us,
		int64_t unix_us);
};
/** What is known of a file before and after it was read. */
struct frames_track {
	const char *path;
	struct mjr_head head;
	struct mux_track mux; /**< of media; of H.264, H.265 and AV1 with a head, if there is one */
	unsigned index;       /**< `track` of its frames */
	bool has_any;         /**< a frame to begin with, or a message */
	const struct mjr_stats *records;
	const struct reorder_stats *packets; /**< NULL with messages */
	uint64_t frames, keyframes;
	uint64_t broken; /**< frames that miss a packet, or what they refer to */
	int64_t first_us, last_us;
};

/** @param ops NULL: nobody wants them, they are counted. @return NULL: @p why, a sentence */
struct frames *frames_open(const char *const *paths, unsigned n, const struct frames_ops *ops,
	void *arg, char *why, size_t size);
unsigned frames_n(const struct frames *f); /**< tracks of media and messages */
const struct frames_track *frames_track(struct frames *f, unsigned i);
int64_t frames_began_us(const struct frames *f); /**< Unix time of the first frame; 0: not known */
/** Read one more record. @return ERR_NOT_FOUND: all were read, and all frames given; ERR_IO:
 *  errno */
enum err frames_read(struct frames *f);
double frames_progress(const struct frames *f); /**< 0…1 */
void frames_close(struct frames *f);            /**< NULL is fine. */
