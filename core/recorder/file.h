/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "../base/err.h"

/** @file
 * A file that is written: NAME.part, 0640, until it is whole; then NAME. What is made of a
 * NAME.part to be better (mux_finish()) is NAME.new until it takes the place of both. Blocks:
 * recorder's thread, pool and tools. One thread a file. */

/** The system calls behind it, so that a test can have a disk that is slow, stands still or is
 *  full. */
struct rec_disk {
	ssize_t (*write)(int fd, const void *bytes, size_t len);
	int (*sync)(int fd); /**< fdatasync() */
};
extern const struct rec_disk rec_disk_real;

/** Remove NAME, and what there is of NAME.part: nothing of it comes back, not even where it is
 *  being finished. @return ERR_IO: errno; that there is none is fine */
enum err rec_file_remove(const char *name);

/** What NAME ends with until it is whole: ".part", or what the configuration says in its place,
 *  with or without a dot. Before any thread makes files. */
void rec_file_set_ending(const char *word);
const char *rec_file_ending(void);

struct rec_file;
/** Make folders that are not there (0755), and NAME.part, which must not be there, nor NAME.
 *  @param disk borrowed until the end
 *  @param folders prefixes that are protected, NULL at the end; NULL: none
 *  @param name a path; ".." in it, and what leads into a protected folder, is refused
 *  @param why set on failure: one sentence that names the path. @return NULL: why */
struct rec_file *rec_file_new(const struct rec_disk *disk, const char *const *folders,
	const char *name, char *why, size_t size);
/** The same, but NAME.new, and NAME.part may be there: it goes away when this one is kept. What a
 *  crash has left of another NAME.new is thrown away. */
struct rec_file *rec_file_new_finished(const struct rec_disk *disk, const char *const *folders,
	const char *name, char *why, size_t size);
/** Append, or write over. ERR_IO: errno, and rec_file_error(); nothing is written from then on. */
enum err rec_file_write(struct rec_file *f, const void *bytes, size_t len);
enum err rec_file_seek(struct rec_file *f, int64_t at); /**< from its beginning */
int64_t rec_file_size(const struct rec_file *f);
int64_t rec_file_tell(const struct rec_file *f);
/** Read what has been written, wherever writing stands. @return bytes, or -1: errno */
ssize_t rec_file_read(const struct rec_file *f, int64_t at, void *bytes, size_t len);
/** Make sure that it is on the disk, if @p every_us have passed since it was last. */
enum err rec_file_sync(struct rec_file *f, int64_t now_us, int64_t every_us);
const char *rec_file_name(const struct rec_file *f); /**< as it will be when it is whole */
/** The first one, as a sentence that names the path; NULL: none */
const char *rec_file_error(const struct rec_file *f);
/** Close it. @p keep: sync it, and rename it to NAME (ERR_EXISTS: somebody else has made one), and
 *  sync its folder; with an error of before, it is not kept. ERR_NOT_FOUND: the NAME.part that a
 *  NAME.new was made of has been removed, so that there is no NAME either. Else: what is there
 *  stays as NAME.part, or goes away where nothing was written, or where it is a NAME.new. Frees
 *  @p f. */
enum err rec_file_end(struct rec_file *f, bool keep);
/** Close it, and let nothing be left of it. Frees @p f. */
void rec_file_drop(struct rec_file *f);
