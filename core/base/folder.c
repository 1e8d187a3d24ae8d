/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "folder.h"

/* "/a/b" becomes "/a", "/a" becomes "/", "a" becomes ".", all of them in place. */
static void go_up(char *path)
{
	char *slash = strrchr(path, '/');
	if (!slash)
		strcpy(path, ".");
	else
		slash[slash == path] = 0;
}

/* Files of the kernel's own seem open to root and are not: only an attempt tells. */
static bool takes_folder(const char *path)
{
	char name[PATH_MAX + 16];
	snprintf(name, sizeof name, "%s/.cardea-XXXXXX", path);
	return mkdtemp(name) && !rmdir(name);
}

bool folder_can_write(const char *path)
{
	char at[PATH_MAX];
	struct stat st;
	if (!*path || (size_t)snprintf(at, sizeof at, "%s", path) >= sizeof at) {
		errno = *path ? ENAMETOOLONG : ENOENT;
		return false;
	}
	while (stat(at, &st) && errno == ENOENT)
		go_up(at);
	if (access(at, W_OK | X_OK)) /* an error of stat() is one of this, too */
		return false;
	if (!S_ISDIR(st.st_mode)) {
		errno = ENOTDIR;
		return false;
	}
	return takes_folder(at);
}
