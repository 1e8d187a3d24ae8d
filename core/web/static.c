/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include "static.h"
#include "types.h"

#define MAX_FILE (32L << 20)

/* Pages are our own, but reach servers of the user's choice; nothing may frame them or run foreign
 * code in them. */
#define SAFE \
	"X-Content-Type-Options: nosniff\r\n" \
	"X-Frame-Options: SAMEORIGIN\r\n" \
	"Referrer-Policy: no-referrer\r\n" \
	"Cross-Origin-Opener-Policy: same-origin\r\n" \
	"Content-Security-Policy: default-src 'self'; connect-src 'self' ws: wss: http: https:; " \
	"img-src 'self' data: blob:; media-src 'self' blob: mediastream:; " \
	"style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; object-src 'none'; " \
	"base-uri 'self'; frame-ancestors 'self'\r\n"

/** No part of the path may begin with a dot, which keeps it below the root and hidden files
 *  hidden. */
static bool is_plain(const char *path)
{
	return path[0] == '/' && !strstr(path, "/.") && !strchr(path, '\\');
}

static void refuse(struct answer *a, int status, const char *words, const char *more)
{
	char page[512], headers[1024];
	int len = snprintf(page, sizeof page,
		"<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">"
		"<title>%s</title>\n<h1>%s</h1>\n<p>%s <a href=\"/\">To the start "
		"page</a></p>\n</html>\n",
		answer_phrase(status), answer_phrase(status), words);

	snprintf(headers, sizeof headers, SAFE "Cache-Control: no-cache\r\n%s", more);
	answer_set(
		a, status, headers, "text/html; charset=utf-8", cardea_web_text(page, (size_t)len));
}

/** Open the file of a path, "/" and folders standing for their index.html. @return a descriptor or
 *  -1 */
static int open_page(const char *root, const char *path, char *full, size_t size, struct stat *st)
{
	size_t len = strlen(path);
	const char *index = path[len - 1] == '/' ? "index.html" : "";

	if ((size_t)snprintf(full, size, "%s%s%s", root, path, index) >= size)
		return -1;
	int fd = open(full, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not hold us up */
	if (fd >= 0 && (fstat(fd, st) || !S_ISREG(st->st_mode) || st->st_size > MAX_FILE)) {
		close(fd);
		return -1;
	}
	return fd;
}

static struct cardea_text *read_all(int fd, size_t size)
{
	char *buf = malloc(size + 1);
	size_t got = 0;
	ssize_t n = 1;

	while (buf && got < size && n > 0)
		if ((n = read(fd, buf + got, size - got)) > 0)
			got += (size_t)n;
	struct cardea_text *t = buf && got == size ? cardea_web_text(buf, size) : NULL;
	free(buf);
	return t;
}

/** "/echo" is "/echo.html": links without an ending are easier to read out. */
static int open_any(const char *root, const char *path, char *full, size_t size, struct stat *st)
{
	char longer[1024];
	int fd = open_page(root, path, full, size, st);

	if (fd < 0 && path[strlen(path) - 1] != '/' &&
		(size_t)snprintf(longer, sizeof longer, "%s.html", path) < sizeof longer)
		fd = open_page(root, longer, full, size, st);
	return fd;
}

void static_serve(
	struct answer *a, const char *root, const char *method, const char *path, const char *etag)
{
	char full[2048], tag[64], headers[1024];
	struct stat st;

	int fd = root && is_plain(path) ? open_any(root, path, full, sizeof full, &st) : -1;
	if (fd < 0) {
		refuse(a, 404, "There is no such page on this server.", "");
		return;
	}
	if (strcmp(method, "GET") && strcmp(method, "HEAD")) {
		refuse(a, 405, "Pages can only be read.", "Allow: GET, HEAD\r\n");
		close(fd);
		return;
	}
	snprintf(tag, sizeof tag, "\"%llx-%llx.%lx\"", (unsigned long long)st.st_size,
		(unsigned long long)st.st_mtim.tv_sec, (unsigned long)st.st_mtim.tv_nsec);
	snprintf(headers, sizeof headers, SAFE "Cache-Control: no-cache\r\nETag: %s\r\n", tag);
	if (strstr(etag, tag)) {
		answer_set(a, 304, headers, NULL, NULL);
	} else {
		struct cardea_text *body = read_all(fd, (size_t)st.st_size);
		if (body)
			answer_set(a, 200, headers, type_of(full), body);
		else
			refuse(a, 500, "The page cannot be read.", "");
	}
	close(fd);
}
