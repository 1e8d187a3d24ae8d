/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
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
	errno = ENOTDIR;
	return S_ISDIR(st.st_mode);
}
