/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/queue.h"
#include "file.h"
#include "rec_msg.h"
#include "space.h"

/** @file
 * The thread for what has time: it brings media files into their last form (duration, index, moov
 * in front) and gives them their names, finishes what a crash has left, and removes what is too
 * old. Of the lowest priority for processor and disk, so that recording goes first.
 *
 * NAME.part is copied to NAME.new, which becomes NAME. Where there is no room for two of them, or
 * it cannot be read, NAME.part itself becomes NAME: it can be played as it is. */
enum finish_type {
	FINISH_FILE = 1, /**< one that the recorder has written */
	FINISH_FOLDER,   /**< all that is left below a folder */
	FINISH_RETAIN,   /**< remove what is too old, or too much, below a folder */
};
struct finish_order {
	uint32_t type; /**< enum finish_type */
	uint32_t container;
	uint64_t recording; /**< as the answer has it, like what follows */
	int64_t began_us, duration_us;
	uint32_t kinds;
	char path[REC_PATH]; /**< of the file as it will be, or the folder */
};
static inline size_t finish_order_len(const struct finish_order *o)
{
	return offsetof(struct finish_order, path) + strlen(o->path) + 1;
}

struct finish_conf {
	const struct rec_disk *io;
	const char *const *folders; /**< that are protected; borrowed */
	uint64_t min_free;          /**< bytes that stay free */
	struct retention retention;
	/** gets struct rec_rep: REC_REP_FINISHED for each file, of recording 0 where a crash had
	 *  left it; borrowed */
	struct queue *reports;
};

/** Control thread, as all here. */
enum err finish_start(const struct finish_conf *conf);
struct queue *finish_queue(void); /**< gets orders. NULL: not started */
/** Finish what can be finished within @p most_us, and end the thread: the rest stays NAME.part,
 *  for the next start. */
void finish_stop(int64_t most_us);
