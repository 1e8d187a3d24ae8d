/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* O_PATH */
#endif
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>
#include "protected.h"

/* Where an open folder is, without links. @return false: nobody knows */
static bool path_of(int fd, char path[PATH_MAX])
{
	char link[32];
	ssize_t n;
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, path, PATH_MAX - 1);
	path[n > 0 ? n : 0] = 0;
	return n > 0 && n < PATH_MAX - 1;
}

/* Is the file, or the folder that it is in, what is protected, or below that? */
static bool is_below(const char *path, const char *prefix)
{
	size_t n = strlen(prefix);
	while (n && prefix[n - 1] == '/')
		n--;
	return strncmp(path, prefix, n) == 0 && (!path[n] || path[n] == '/');
}

static bool is_protected(const char *const *folders, int at, const char *name)
{
	char folder[PATH_MAX], path[PATH_MAX + NAME_MAX + 2], real[PATH_MAX];
	if (!folders || !*folders)
		return false;
	if (!path_of(at, folder))
		return true;
	snprintf(path, sizeof path, "%s/%s", strcmp(folder, "/") ? folder : "", name);
	for (; *folders; folders++)
		if (is_below(path, *folders) || (realpath(*folders, real) && is_below(path, real)))
			return true;
	return false;
}

/* Without links, as far as it is there; "/a/link/new/file" may be "/b/new/file". @return false: too
 * long */
static bool resolve(const char *path, char real[PATH_MAX])
{
	char at[PATH_MAX];
	size_t n = strlen(path), len;
	if (n >= sizeof at)
		return false;
	memcpy(at, path, n + 1);
	while (!realpath(n || *path == '/' ? at : ".", real)) {
		while (n > 1 && at[n - 1] == '/')
			n--;
		while (n && at[n - 1] != '/')
			n--;
		at[n] = 0;
	}
	len = strcmp(real, "/") ? strlen(real) : 0;
	return (size_t)snprintf(real + len, PATH_MAX - len, "/%s", path + n) < PATH_MAX - len;
}

bool protected_allows(const char *const *folders, const char *path)
{
	char real[PATH_MAX], folder[PATH_MAX];
	if (!folders || !*folders)
		return true;
	if (!resolve(path, real))
		return false;
	for (; *folders; folders++)
		if (is_below(path, *folders) || is_below(real, *folders) ||
			(realpath(*folders, folder) && is_below(real, folder)))
			return false;
	return true;
}

/* Files there are the kernel's, though they look like others. */
static bool is_of_kernel(int at)
{
	struct statfs s;
	return fstatfs(at, &s) || s.f_type == PROC_SUPER_MAGIC || s.f_type == SYSFS_MAGIC ||
	       s.f_type == CGROUP2_SUPER_MAGIC || s.f_type == DEBUGFS_MAGIC ||
	       s.f_type == TRACEFS_MAGIC;
}

static bool is_name(const char *name)
{
	return *name && strlen(name) <= NAME_MAX && !strchr(name, '/') && strcmp(name, ".") &&
	       strcmp(name, "..");
}

/* Neither a pipe, which would block, nor a device; nor another name of somebody's file. */
static int check(int fd)
{
	struct stat s;
	if (fd < 0)
		return -1;
	if (!fstat(fd, &s) && S_ISREG(s.st_mode) && s.st_nlink == 1)
		return fd;
	close(fd);
	errno = EACCES;
	return -1;
}

int protected_create(const char *const *folders, int at, const char *name)
{
	if (!is_name(name)) {
		errno = EINVAL;
		return -1;
	}
	if (is_of_kernel(at) || is_protected(folders, at, name)) {
		errno = EACCES;
		return -1;
	}
	return openat(at, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
}

/* The folder of that name in another, which is made where it is not there. */
static int step(const char *const *folders, int at, const char *name)
{
	int fd = openat(at, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 || errno != ENOENT)
		return fd;
	if (is_of_kernel(at) || is_protected(folders, at, name)) {
		errno = EACCES;
		return -1;
	}
	if (mkdirat(at, name, 0755) && errno != EEXIST)
		return -1;
	return openat(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int walk(const char *const *folders, int at, const char *path)
{
	while (at >= 0 && *path) {
		char name[NAME_MAX + 1];
		size_t n = strcspn(path, "/");
		int next, why;
		snprintf(name, sizeof name, "%.*s", (int)(n < sizeof name ? n : 0), path);
		path += n + (path[n] == '/');
		if (!n || (n == 1 && *name == '.'))
			continue;
		errno = EINVAL;
		next = is_name(name) ? step(folders, at, name) : -1;
		why = errno;
		close(at);
		errno = why;
		at = next;
	}
	return at;
}

int protected_folder(const char *const *folders, const char *path)
{
	int fd, why;
	int at = walk(
		folders, open(*path == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC), path);
	if (at < 0)
		return -1;
	fd = openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	why = errno;
	close(at);
	errno = why;
	return fd;
}

int protected_open(const char *const *folders, const char *folder, const char *name)
{
	int at, fd = -1, why = EACCES;
	if (!is_name(name)) {
		errno = EINVAL;
		return -1;
	}
	at = open(folder ? folder : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (at < 0)
		return -1;
	if (!is_of_kernel(at) && !is_protected(folders, at, name)) {
		fd = check(openat(at, name,
			O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0640));
		why = errno;
	}
	close(at);
	errno = why;
	return fd;
}
