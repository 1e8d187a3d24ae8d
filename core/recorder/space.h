/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/** @file
 * Room on disks: how much there is, and recordings that are too old or too many. Blocks:
 * recorder's thread and pool. */

/** Bytes that are free for us where a file of this path is, or would be. UINT64_MAX: not known */
uint64_t space_free(const char *path);

struct retention {
	int64_t max_age_s;  /**< since they were written last; 0: any */
	uint64_t max_bytes; /**< of all in the folder, the oldest go; 0: any */
};
/** Remove what is too old or too much of the recordings below a folder: files with endings that
 *  recordings have, none that is being written. Folders stay.
 *  @param stop set by another thread: leave off
 *  @return how many have gone */
unsigned space_retain(const char *folder, const struct retention *r, const _Atomic bool *stop);
#define SPACE_DEPTH \
	8 /**< of a folder below that of all recordings, and of a file below its folder */
/** Walk all files below a folder, links not followed, nor what begins with a dot, twice SPACE_DEPTH
 *  deep at most. */
void space_walk(const char *folder, const _Atomic bool *stop,
	void (*fn)(void *arg, const char *path, uint64_t bytes, int64_t written_s), void *arg);
/** Does a path end like that? ".part" */
bool space_has_ending(const char *path, const char *ending);
