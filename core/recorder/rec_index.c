/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* O_PATH */
#endif
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "../base/log.h"
#include "../base/protected.h"
#include "rec_index.h"

static bool write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		text += n;
		len -= (size_t)n;
	}
	return fdatasync(fd) == 0;
}

static bool replace(
	const char *const *folders, int at, const char *name, const void *text, size_t len)
{
	char new[NAME_MAX + 1];
	if ((size_t)snprintf(new, sizeof new, "%s.new", name) >= sizeof new) {
		errno = ENAMETOOLONG;
		return false;
	}
	(void)!unlinkat(at, new, 0); /* of a crash */
	int fd = protected_create(folders, at, new);
	bool ok = fd >= 0 && write_all(fd, text, len);
	if (fd >= 0)
		close(fd);
	return ok && !renameat(at, new, at, name) && !fsync(at);
}

enum err rec_index_write(const char *const *folders, const char *path, const void *text, size_t len)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) + 1 : 0;
	if (n >= sizeof folder)
		return ERR_INVALID;
	snprintf(folder, sizeof folder, "%.*s", (int)n, path);
	int at = protected_folder(folders, folder);
	bool ok = at >= 0 && replace(folders, at, path + n, text, len);
	if (!ok)
		log_warn("recorder", 0, "index not written", "file=%s why=%s", LOG_QUOTED(path),
			LOG_QUOTED(strerror(errno)));
	if (at >= 0)
		close(at);
	return ok ? OK : ERR_IO;
}
