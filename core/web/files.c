/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* strptime(), timegm() */
#endif
#include <fcntl.h>
#include <glib.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "files.h"
#include "range.h"
#include "types.h"

#define HEADERS \
	"X-Content-Type-Options: nosniff\r\n" \
	"Content-Security-Policy: sandbox; default-src 'none'; media-src 'self'\r\n" \
	"Referrer-Policy: no-referrer\r\n" \
	"Cross-Origin-Resource-Policy: same-origin\r\n" \
	"Cache-Control: private, no-cache\r\n"

/* key → path. Offers come from the control thread, also before there is a web thread that could be
 * told by a message: so there is a lock, which is held for a look at the table. */
static GHashTable *offers;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void files_offer(const char key[FILES_KEY + 1], const char *path)
{
	pthread_mutex_lock(&lock);
	if (!offers)
		offers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_hash_table_replace(offers, g_strdup(key), g_strdup(path));
	pthread_mutex_unlock(&lock);
}

void files_withdraw(const char key[FILES_KEY + 1])
{
	pthread_mutex_lock(&lock);
	if (offers && g_hash_table_remove(offers, key) && !g_hash_table_size(offers))
		g_clear_pointer(&offers, g_hash_table_unref);
	pthread_mutex_unlock(&lock);
}

/* ---- answers ---- */

static void refuse(struct answer *a, int status, const char *more, const char *reason)
{
	char headers[512];
	snprintf(headers, sizeof headers, HEADERS "%s", more);
	answer_set(a, status, headers, "text/plain; charset=utf-8",
		cardea_web_text(reason, strlen(reason)));
}

/* @return the path of the file that is offered so, by malloc(); NULL: none */
static char *find(const char *rest)
{
	char key[FILES_KEY + 1], *path;
	if (strlen(rest) < FILES_KEY || (rest[FILES_KEY] && rest[FILES_KEY] != '/'))
		return NULL;
	g_strlcpy(key, rest, sizeof key);
	pthread_mutex_lock(&lock);
	path = offers ? g_strdup(g_hash_table_lookup(offers, key)) : NULL;
	pthread_mutex_unlock(&lock);
	return path;
}

static int open_file(const char *path, struct stat *st)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	if (fd >= 0 && (fstat(fd, st) || !S_ISREG(st->st_mode))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Is this version in the list? Not as W/"…", which says that it is nearly the same. */
static bool is_listed(const char *list, const char *tag)
{
	const char *at = strstr(list, tag);
	while (at && at - list >= 2 && !strncmp(at - 2, "W/", 2))
		at = strstr(at + 1, tag);
	return at != NULL;
}

/* -1: it is no date. Of its three forms that which all use (RFC 9110, 5.6.7). */
static time_t date_of(const char *text)
{
	struct tm t = { 0 };
	const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &t);
	return end && !*end ? timegm(&t) : -1;
}

/* Does the client want another version than there is? (RFC 9110, 13.1.1 and 13.1.4) */
static bool is_of_another(const struct head *h, const char *tag, time_t modified)
{
	const char *list = head_get(h, "If-Match");
	time_t since = date_of(head_get(h, "If-Unmodified-Since"));
	if (*list)
		return strcmp(list, "*") != 0 && !is_listed(list, tag);
	return since >= 0 && modified > since;
}

/* Has the client this version? (RFC 9110, 13.1.2) */
static bool has_it(const struct head *h, const char *tag)
{
	const char *list = head_get(h, "If-None-Match");
	return strcmp(list, "*") == 0 || strstr(list, tag);
}

/* A part of another version than the client has would not fit (RFC 9110, 13.1.5), and of a HEAD
 * there are no parts (14.2). */
static const char *range_of(const struct head *h, const char *tag)
{
	const char *only_if = head_get(h, "If-Range");
	if (strcmp(h->method, "GET") || (*only_if && strcmp(only_if, tag)))
		return "";
	return head_get(h, "Range");
}

static void answer_range(struct answer *a, const char *headers, const char *path, int fd,
	int64_t size, const char *range)
{
	char more[1024];
	int64_t at = 0, len = size;
	switch (range_read(range, size, &at, &len)) {
	case RANGE_WHOLE:
		answer_set_file(a, 200, headers, type_of(path), fd, 0, size);
		return;
	case RANGE_PART:
		snprintf(more, sizeof more, "%sContent-Range: bytes %lld-%lld/%lld\r\n", headers,
			(long long)at, (long long)(at + len - 1), (long long)size);
		answer_set_file(a, 206, more, type_of(path), fd, at, len);
		return;
	case RANGE_NONE:
		snprintf(more, sizeof more, "%sContent-Range: bytes */%lld\r\n", headers,
			(long long)size);
		answer_set(a, 416, more, NULL, NULL);
		close(fd);
		return;
	}
}

static void answer_file(
	struct answer *a, const struct head *h, const char *path, int fd, const struct stat *st)
{
	char tag[64], headers[768], download[8];
	bool keeps = cardea_web_query(head_query(h), "download", download, sizeof download);
	snprintf(tag, sizeof tag, "\"%llx-%llx.%lx\"", (unsigned long long)st->st_size,
		(unsigned long long)st->st_mtim.tv_sec, (unsigned long)st->st_mtim.tv_nsec);
	snprintf(headers, sizeof headers, HEADERS "Accept-Ranges: bytes\r\nETag: %s\r\n%s", tag,
		keeps ? "Content-Disposition: attachment\r\n" : "");
	/* conditions come before parts (13.2.2) */
	bool is_other = is_of_another(h, tag, st->st_mtim.tv_sec);
	if (is_other || has_it(h, tag)) {
		answer_set(a, is_other ? 412 : 304, headers, NULL, NULL);
		close(fd);
		return;
	}
	answer_range(a, headers, path, fd, st->st_size, range_of(h, tag));
}

bool files_serve(struct answer *a, const struct head *h, const char *path)
{
	struct stat st;
	if (strncmp(path, FILES_PATH, strlen(FILES_PATH)))
		return false;
	if (strcmp(h->method, "GET") && strcmp(h->method, "HEAD")) {
		refuse(a, 405, "Allow: GET, HEAD\r\n", "Files can only be read.\n");
		return true;
	}
	char *file = find(path + strlen(FILES_PATH));
	int fd = file ? open_file(file, &st) : -1;
	if (fd < 0)
		refuse(a, 404, "", "There is no such file, or it is offered no more.\n");
	else
		answer_file(a, h, file, fd, &st);
	g_free(file);
	return true;
}
