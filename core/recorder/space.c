/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>
#include "../base/log.h"
#include "space.h"

#define FILES_MAX 1000000

uint64_t space_free(const char *path)
{
	char at[PATH_MAX];
	struct statvfs s;
	if ((size_t)snprintf(at, sizeof at, "%s", path) >= sizeof at)
		return UINT64_MAX;
	for (;;) {
		char *slash = strrchr(at, '/');
		if (!slash)
			strcpy(at, ".");
		else
			slash[slash == at] = 0;
		if (!statvfs(at, &s))
			return (uint64_t)s.f_bavail * s.f_frsize;
		if (!slash || slash == at)
			return UINT64_MAX;
	}
}

bool space_has_ending(const char *path, const char *ending)
{
	size_t n = strlen(path), len = strlen(ending);
	return n > len && !strcmp(path + n - len, ending);
}

/* ---- what is in a folder ---- */

struct walk {
	const _Atomic bool *stop;
	void (*fn)(void *arg, const char *path, uint64_t bytes, int64_t written_s);
	void *arg;
};

static void walk(const struct walk *w, const char *folder, unsigned depth)
{
	DIR *d = opendir(folder);
	const struct dirent *e;
	char path[PATH_MAX];
	struct stat s;
	while (d && !*w->stop && (e = readdir(d))) {
		if (e->d_name[0] == '.' ||
			(size_t)snprintf(path, sizeof path, "%s/%s", folder, e->d_name) >=
				sizeof path ||
			lstat(path, &s))
			continue;
		if (S_ISREG(s.st_mode))
			w->fn(w->arg, path, (uint64_t)s.st_size, s.st_mtime);
		else if (S_ISDIR(s.st_mode) && depth < 2 * SPACE_DEPTH)
			walk(w, path, depth + 1);
	}
	if (d)
		closedir(d);
}

void space_walk(const char *folder, const _Atomic bool *stop,
	void (*fn)(void *arg, const char *path, uint64_t bytes, int64_t written_s), void *arg)
{
	const struct walk w = { stop, fn, arg };
	walk(&w, folder, 1);
}

/* ---- retention ---- */

struct found {
	char *path;
	uint64_t bytes;
	int64_t written_s;
};
struct list {
	struct found *of;
	size_t n, room;
	uint64_t bytes;
};

/* The index of a room's recording: other JSON is none of ours. */
static bool is_index(const char *path)
{
	const char *slash = strrchr(path, '/');
	return !strncmp(slash ? slash + 1 : path, "room-", 5) && space_has_ending(path, ".json");
}

/* With what names the files, and is of no use without them. */
static bool is_recording(const char *path)
{
	static const char *const endings[] = { ".webm", ".mp4", ".mkv", ".mjr", ".jsonl", ".vtt",
		".nfo" };
	if (is_index(path))
		return true;
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (space_has_ending(path, endings[i]))
			return true;
	return false;
}

static void note(void *arg, const char *path, uint64_t bytes, int64_t written_s)
{
	struct list *l = arg;
	if (!is_recording(path) || l->n == FILES_MAX)
		return;
	if (l->n == l->room) {
		size_t room = l->room ? 2 * l->room : 64;
		struct found *more = realloc(l->of, room * sizeof *more);
		if (!more)
			return;
		l->of = more;
		l->room = room;
	}
	char *copy = strdup(path);
	if (!copy)
		return;
	l->of[l->n++] = (struct found){ copy, bytes, written_s };
	l->bytes += bytes;
}

static int by_age(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	return (x->written_s > y->written_s) - (x->written_s < y->written_s);
}

static bool must_go(const struct retention *r, const struct list *l, const struct found *f)
{
	return (r->max_age_s && time(NULL) - f->written_s > r->max_age_s) ||
	       (r->max_bytes && l->bytes > r->max_bytes);
}

unsigned space_retain(const char *folder, const struct retention *r, const _Atomic bool *stop)
{
	struct list l = { 0 };
	unsigned n_gone = 0;
	space_walk(folder, stop, note, &l);
	if (l.n)
		qsort(l.of, l.n, sizeof *l.of, by_age);
	for (size_t i = 0; i < l.n; i++) {
		if (!*stop && must_go(r, &l, &l.of[i]) && !unlink(l.of[i].path)) {
			log_info("recorder", 0, "recording removed, by retention", "file=%s",
				LOG_QUOTED(l.of[i].path));
			l.bytes -= l.of[i].bytes;
			n_gone++;
		}
		free(l.of[i].path);
	}
	free(l.of);
	return n_gone;
}
