/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/queue.h"
#include "file.h"

/** @file
 * The recorder's thread. It reads one queue, into which control (rec_msg.h) and the sinks of
 * workers (router/sink/sink_msg.h) write, so that what one says of another's stays in its order,
 * and keeps the recordings. It may block on files as long as it takes: what finds no room in its
 * queue meanwhile is shed by the sinks, and nobody waits. */
struct disk_conf {
	const struct rec_disk *io;
	/** prefixes of paths where nothing may be written, NULL at the end; borrowed. NULL: none */
	const char *const *folders;
	size_t queue_bytes;    /**< that may wait, at least two for each byte that is written */
	int64_t sync_us;       /**< between two fdatasync() of a file */
	uint64_t min_free;     /**< bytes: recordings end where a disk has less; 0: never */
	struct queue *reports; /**< gets struct rec_rep, cut behind their texts; borrowed */
};

/** Control thread, as all here. */
enum err disk_start(const struct disk_conf *conf);
struct queue *disk_queue(void); /**< NULL: not started */
/** Read what has come, end all recordings, and the thread. Nobody pushes any more. */
void disk_stop(void);
