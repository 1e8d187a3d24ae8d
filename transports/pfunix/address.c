/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "address.h"

#define BACKLOG 128
#define SPARE   (64 << 10) /* what the system counts beside the bytes of a packet */

static bool fail(char *why, size_t size, const char *what)
{
	snprintf(why, size, "%s", what);
	return false;
}

static struct sockaddr_un name_of(const char *path)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	memcpy(name.sun_path, path, strlen(path));
	return name;
}

/* @return what connect() said of the socket at the path; 0: somebody serves it */
static int ask(const struct address *a)
{
	const struct sockaddr_un name = name_of(a->path);
	int fd = socket(AF_UNIX, a->type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), error;
	if (fd < 0)
		return errno;
	error = connect(fd, (const void *)&name, sizeof name) ? errno : 0;
	close(fd);
	return error;
}

/* One of another type, or with a full backlog, is served as well. */
static bool is_served(int error)
{
	return !error || error == EPROTOTYPE || error == EAGAIN;
}

/* Make room where a server that was killed has left its socket. */
static bool clear(const struct address *a, char *why, size_t size)
{
	struct stat st;
	int error;
	if (lstat(a->path, &st))
		return errno == ENOENT || fail(why, size, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return fail(why, size, "there is something that is no socket, which is left alone");
	if (is_served(error = ask(a)))
		return fail(why, size, "another program serves a socket there");
	if (error != ECONNREFUSED)
		return fail(why, size, strerror(error));
	return !unlink(a->path) || fail(why, size, strerror(errno));
}

void address_widen(int fd, size_t send_bytes)
{
	int n = (int)(send_bytes + SPARE);
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &n, sizeof n))
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &n, sizeof n);
}

/* The mode is set before there is a file, as far as the umask lets it, so that nobody slips in. */
static bool bind_to(struct address *a)
{
	const struct sockaddr_un name = name_of(a->path);
	struct stat st;
	if (fchmod(a->fd, a->mode) || bind(a->fd, (const void *)&name, sizeof name))
		return false;
	if (lstat(a->path, &st))
		return false;
	a->dev = st.st_dev;
	a->ino = st.st_ino;
	return !chmod(a->path, a->mode) && (a->type == SOCK_DGRAM || !listen(a->fd, BACKLOG));
}

bool address_open(struct address *a, size_t send_bytes, char *why, size_t size)
{
	a->fd = -1;
	a->ino = 0;
	if (strlen(a->path) >= sizeof((struct sockaddr_un){ 0 }).sun_path)
		return fail(why, size, "a path of a socket has at most 107 bytes");
	if (!clear(a, why, size))
		return false;
	a->fd = socket(AF_UNIX, a->type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (a->fd < 0 || !bind_to(a)) {
		fail(why, size, strerror(errno));
		address_close(a);
		return false;
	}
	address_widen(a->fd, send_bytes);
	return true;
}

void address_close(struct address *a)
{
	struct stat st;
	if (a->fd < 0)
		return;
	close(a->fd);
	a->fd = -1;
	if (a->ino && !lstat(a->path, &st) && st.st_dev == a->dev && st.st_ino == a->ino)
		unlink(a->path);
}
