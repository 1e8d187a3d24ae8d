/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "../base/err.h"

/** @file
 * A file that is written: NAME.part, 0640, until it is whole; then NAME. Blocks: recorder's thread,
 * pool and tools. */

/** The system calls behind it, so that a test can have a disk that is slow, stands still or is
 *  full. */
struct rec_disk {
	ssize_t (*write)(int fd, const void *bytes, size_t len);
	int (*sync)(int fd); /**< fdatasync() */
};
extern const struct rec_disk rec_disk_real;

struct rec_file;
/** Make folders that are not there (0755), and NAME.part, which must not be there, nor NAME.
 *  @param folders prefixes that are protected, NULL at the end; NULL: none
 *  @param name a path; ".." in it, and what leads into a protected folder, is refused
 *  @param why set on failure: one sentence that names the path. @return NULL: why */
struct rec_file *rec_file_new(const struct rec_disk *disk, const char *const *folders,
	const char *name, char *why, size_t size);
/** Append, or write over. ERR_IO: errno, and rec_file_error(). */
enum err rec_file_write(struct rec_file *f, const void *bytes, size_t len);
enum err rec_file_seek(struct rec_file *f, int64_t at); /**< from its beginning */
int64_t rec_file_size(const struct rec_file *f);
int64_t rec_file_tell(const struct rec_file *f);
/** Make sure that it is on the disk, if @p every_us have passed since it was last. */
enum err rec_file_sync(struct rec_file *f, int64_t now_us, int64_t every_us);
const char *rec_file_name(const struct rec_file *f);  /**< as it will be when it is whole */
const char *rec_file_error(const struct rec_file *f); /**< the first one; NULL: none */
/** Close it. @p keep: sync it, and rename it to NAME, which is synced too. Else: what is there stays
 *  as NAME.part, or goes away where nothing was written. Frees @p f. */
enum err rec_file_end(struct rec_file *f, bool keep);
