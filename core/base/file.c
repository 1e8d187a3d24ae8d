/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "file.h"

#define PATH_LEN 4096

static bool write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

/* The new name is on the disk when its folder is. */
static bool sync_folder(const char *path)
{
	char folder[PATH_LEN];
	const char *slash = strrchr(path, '/');
	snprintf(
		folder, sizeof folder, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
	int fd = open(*folder ? folder : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool done = fd >= 0 && !fsync(fd);
	if (fd >= 0)
		close(fd);
	return done;
}

enum err file_replace(const char *path, const void *data, size_t len)
{
	char beside[PATH_LEN];
	if (snprintf(beside, sizeof beside, "%s.new", path) >= (int)sizeof beside) {
		errno = ENAMETOOLONG;
		return ERR_IO;
	}
	unlink(beside); /* of a write that was cut short */
	int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return ERR_IO;
	bool done = write_all(fd, data, len) && !fsync(fd);
	int why = errno;
	close(fd);
	if (done && !rename(beside, path))
		return sync_folder(path) ? OK : ERR_IO;
	why = done ? errno : why;
	unlink(beside);
	errno = why;
	return ERR_IO;
}

static enum err read_open(int fd, size_t max, char **out, size_t *len)
{
	struct stat st;
	size_t have = 0;
	ssize_t n = 1;
	if (fstat(fd, &st))
		return ERR_IO;
	if (!S_ISREG(st.st_mode))
		return ERR_INVALID;
	if ((uintmax_t)st.st_size > max)
		return ERR_FULL;
	char *text = malloc((size_t)st.st_size + 1);
	if (!text)
		return ERR_IO;
	while (n && have < (size_t)st.st_size) {
		n = read(fd, text + have, (size_t)st.st_size - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			free(text);
			return ERR_IO;
		}
		have += (size_t)n;
	}
	text[have] = '\0';
	*out = text;
	*len = have;
	return OK;
}

enum err file_read(const char *path, size_t max, char **out, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	enum err e = read_open(fd, max, out, len);
	int why = errno;
	close(fd);
	errno = why;
	return e;
}
