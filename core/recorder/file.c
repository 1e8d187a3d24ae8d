/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* renameat2() */
#endif
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../base/protected.h"
#include "file.h"

#define ENDING_MAX 17 /* bytes, with dot and end */

struct rec_file {
	const struct rec_disk *disk;
	int fd, folder;
	int64_t at, size;
	int64_t synced_us;
	bool is_dirty, is_finished; /* finished: NAME.new */
	bool has_part;              /* which is made of NAME.part */
	int error;                  /* errno of the first one; 0: none */
	char *name;                 /* the path */
	const char *base;           /* of it */
	char now[NAME_MAX + 1];     /* its name in the folder, until it is whole */
	char text[PATH_MAX + 128];  /* of the error */
};

const struct rec_disk rec_disk_real = { write, fdatasync };
static char ending[ENDING_MAX] = ".part";

void rec_file_set_ending(const char *word)
{
	if (*word)
		snprintf(ending, sizeof ending, "%s%s", *word == '.' ? "" : ".", word);
}

const char *rec_file_ending(void)
{
	return ending;
}

static void explain(char *why, size_t size, const char *name, int error)
{
	const char *word = strerror(error);
	if (error == EACCES)
		word = "it may not be written there";
	else if (error == EINVAL)
		word = "this is no name for a file";
	else if (error == EEXIST)
		word = "it is there already";
	else if (error == ENOSPC || error == EDQUOT)
		word = "the disk is full";
	snprintf(why, size, "%s cannot be written: %s.", name, word);
}

static void name_part(const struct rec_file *f, char out[NAME_MAX + 1])
{
	snprintf(out, NAME_MAX + 1, "%s%s", f->base, ending);
}

static bool is_part_there(const struct rec_file *f)
{
	char part[NAME_MAX + 1];
	struct stat s;
	name_part(f, part);
	return !fstatat(f->folder, part, &s, AT_SYMLINK_NOFOLLOW);
}

/* @return errno, 0: it is open */
static int open_in(struct rec_file *f, const char *const *folders)
{
	char path[PATH_MAX];
	struct stat s;
	if ((size_t)(f->base - f->name) >= sizeof path ||
		strlen(f->base) > sizeof f->now - ENDING_MAX)
		return ENAMETOOLONG;
	if (!*f->base)
		return EINVAL;
	snprintf(path, sizeof path, "%.*s", (int)(f->base - f->name), f->name);
	snprintf(f->now, sizeof f->now, "%s%s", f->base, f->is_finished ? ".new" : ending);
	f->folder = protected_folder(folders, path);
	if (f->folder < 0)
		return errno;
	if (!fstatat(f->folder, f->base, &s, AT_SYMLINK_NOFOLLOW))
		return EEXIST;
	f->has_part = f->is_finished && is_part_there(f);
	f->fd = protected_create(folders, f->folder, f->now);
	if (f->fd < 0 && errno == EEXIST && f->is_finished && !unlinkat(f->folder, f->now, 0))
		f->fd = protected_create(folders, f->folder, f->now);
	if (f->fd < 0)
		return errno;
	flock(f->fd, LOCK_EX | LOCK_NB); /* so that it is not taken for what a crash has left */
	return 0;
}

static void close_it(struct rec_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	if (f->folder >= 0)
		close(f->folder);
	free(f->name);
	free(f);
}

static struct rec_file *make(const struct rec_disk *disk, const char *const *folders,
	const char *name, bool is_finished, char *why, size_t size)
{
	struct rec_file *f = calloc(1, sizeof *f);
	int error = ENOMEM;
	if (f) {
		f->disk = disk;
		f->fd = f->folder = -1;
		f->is_finished = is_finished;
		f->name = strdup(name);
	}
	if (f && f->name) {
		const char *slash = strrchr(f->name, '/');
		f->base = slash ? slash + 1 : f->name;
		error = open_in(f, folders);
	}
	if (!error)
		return f;
	explain(why, size, name, error);
	if (f)
		close_it(f);
	return NULL;
}

struct rec_file *rec_file_new(const struct rec_disk *disk, const char *const *folders,
	const char *name, char *why, size_t size)
{
	return make(disk, folders, name, false, why, size);
}

struct rec_file *rec_file_new_finished(const struct rec_disk *disk, const char *const *folders,
	const char *name, char *why, size_t size)
{
	return make(disk, folders, name, true, why, size);
}

static enum err fail(struct rec_file *f, int error)
{
	if (!f->error) {
		f->error = error ? error : EIO;
		explain(f->text, sizeof f->text, f->name, f->error);
	}
	errno = f->error;
	return ERR_IO;
}

enum err rec_file_write(struct rec_file *f, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	if (f->error)
		return fail(f, f->error);
	while (len) {
		ssize_t n = f->disk->write(f->fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return fail(f, n ? errno : ENOSPC);
		p += n;
		len -= (size_t)n;
		f->at += n;
		f->size = f->at > f->size ? f->at : f->size;
		f->is_dirty = true;
	}
	return OK;
}

enum err rec_file_seek(struct rec_file *f, int64_t at)
{
	if (f->error || lseek(f->fd, at, SEEK_SET) < 0)
		return fail(f, f->error ? f->error : errno);
	f->at = at;
	return OK;
}

int64_t rec_file_size(const struct rec_file *f)
{
	return f->size;
}

int64_t rec_file_tell(const struct rec_file *f)
{
	return f->at;
}

ssize_t rec_file_read(const struct rec_file *f, int64_t at, void *bytes, size_t len)
{
	ssize_t n;
	do
		n = pread(f->fd, bytes, len, at);
	while (n < 0 && errno == EINTR);
	return n;
}

static enum err sync_it(struct rec_file *f)
{
	if (f->error || (f->is_dirty && f->disk->sync(f->fd)))
		return fail(f, f->error ? f->error : errno);
	f->is_dirty = false;
	return OK;
}

enum err rec_file_sync(struct rec_file *f, int64_t now_us, int64_t every_us)
{
	if (!f->synced_us)
		f->synced_us = now_us;
	if (now_us - f->synced_us < every_us)
		return OK;
	f->synced_us = now_us;
	return sync_it(f);
}

const char *rec_file_name(const struct rec_file *f)
{
	return f->name;
}

const char *rec_file_error(const struct rec_file *f)
{
	return f->error ? f->text : NULL;
}

/* Not every file system knows RENAME_NOREPLACE: there, a second name is made before the first one
 * goes away. */
static int rename_new(int at, const char *from, const char *to)
{
	if (!renameat2(at, from, at, to, RENAME_NOREPLACE))
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	return linkat(at, from, at, to, 0) || unlinkat(at, from, 0) ? -1 : 0;
}

/* Who removes a file begins with NAME.part: if that is gone already it has been, and what has got
 * its name since then is to go, too. */
static enum err drop_part(const struct rec_file *f)
{
	char part[NAME_MAX + 1];
	name_part(f, part);
	if (!unlinkat(f->folder, part, 0) || errno != ENOENT || !f->has_part)
		return OK;
	unlinkat(f->folder, f->base, 0);
	return ERR_NOT_FOUND;
}

enum err rec_file_remove(const char *name)
{
	char part[PATH_MAX];
	bool ok = (size_t)snprintf(part, sizeof part, "%s%s", name, ending) < sizeof part;
	ok = ok && (!unlink(part) || errno == ENOENT);
	return (!unlink(name) || errno == ENOENT) && ok ? OK : ERR_IO;
}

static enum err put_in_place(struct rec_file *f)
{
	enum err e = sync_it(f);
	if (e)
		return e;
	if (rename_new(f->folder, f->now, f->base))
		return errno == EEXIST ? ERR_EXISTS : ERR_IO;
	if (f->is_finished && (e = drop_part(f)))
		return e;
	return fsync(f->folder) ? ERR_IO : OK;
}

enum err rec_file_end(struct rec_file *f, bool keep)
{
	enum err e = keep ? put_in_place(f) : OK;
	int why = errno;
	if ((!keep && !f->size) || ((!keep || e) && f->is_finished))
		unlinkat(f->folder, f->now, 0);
	close_it(f);
	errno = why;
	return e;
}

void rec_file_drop(struct rec_file *f)
{
	unlinkat(f->folder, f->now, 0);
	close_it(f);
}
