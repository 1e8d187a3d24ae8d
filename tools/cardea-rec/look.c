/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "frames.h"
#include "look.h"
#include "progress.h"

#define SNIFF 64

static bool begins(const uint8_t *b, size_t len, size_t at, const char *word)
{
	size_t n = strlen(word);
	return at + n <= len && memcmp(b + at, word, n) == 0;
}

static enum format sniff(const uint8_t *b, size_t len)
{
	if (begins(b, len, 0, "MJR0000") || begins(b, len, 0, "MEETECHO"))
		return FORMAT_MJR;
	if (begins(b, len, 0, "\x1a\x45\xdf\xa3"))
		return memmem(b, len, "webm", 4) ? FORMAT_WEBM : FORMAT_MATROSKA;
	if (begins(b, len, 4, "ftyp"))
		return FORMAT_MP4;
	if (begins(b, len, 0, "OggS"))
		return FORMAT_OGG;
	return begins(b, len, 0, "RIFF") && begins(b, len, 8, "WAVE") ? FORMAT_WAV : FORMAT_NONE;
}

enum format look_format(const char *path)
{
	uint8_t b[SNIFF];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, b, sizeof b);
	int error = errno;
	if (fd >= 0)
		close(fd);
	errno = n < 0 ? error : 0;
	return n < 0 ? FORMAT_NONE : sniff(b, (size_t)n);
}

static void judge(struct look *l, enum verdict v, const char *why)
{
	l->verdict = v;
	snprintf(l->why, sizeof l->why, "%s", why);
}

/* Sentences of other files begin with the path, which is printed already. */
static const char *without_path(const char *why, const char *path)
{
	size_t n = strlen(path);
	if (strncmp(why, path, n) != 0 || !why[n])
		return why;
	return why + n + strspn(why + n, ": ");
}

/* ---- MJR ---- */

static void judge_mjr(struct look *l)
{
	if (!l->head.kind)
		judge(l, PLAYABLE, "it is empty: nothing was received");
	else if (l->records.damages)
		judge(l, DAMAGED, "parts of it are no records");
	else if (l->records.is_cut)
		judge(l, DAMAGED, "it ends in the middle of a record");
	else if (!l->messages && !(l->info.n_tracks && l->info.tracks[0].frames))
		judge(l, UNREADABLE, "no frame in it can be played");
}

static void take_track(struct look *l, const struct frames_track *t)
{
	l->head = t->head;
	l->records = *t->records;
	l->lost = t->packets ? t->packets->lost : 0;
	l->broken = t->broken;
	l->info.is_whole = !t->records->is_cut;
	l->info.duration_us = t->last_us;
	if (t->head.kind == CARDEA_DATA)
		l->messages = t->frames;
	if (!t->mux.codec)
		return;
	l->info.n_tracks = 1;
	l->info.tracks[0].codec = t->mux.codec;
	l->info.tracks[0].width = t->mux.width;
	l->info.tracks[0].height = t->mux.height;
	l->info.tracks[0].clock_hz = t->mux.clock_hz;
	l->info.tracks[0].channels = (uint32_t)t->mux.channels;
	l->info.tracks[0].frames = t->frames;
	l->info.tracks[0].keyframes = t->keyframes;
	l->info.tracks[0].first_us = t->first_us;
	l->info.tracks[0].last_us = t->last_us;
}

static bool look_at_mjr(struct look *l)
{
	char why[sizeof l->why] = "";
	struct frames *f = frames_open(&l->path, 1, NULL, NULL, why, sizeof why);
	enum err e = OK;
	bool goes_on = true;
	if (!f) {
		judge(l, UNREADABLE, without_path(why, l->path));
		return true;
	}
	while (goes_on && !(e = frames_read(f)))
		goes_on = progress_show(NULL, frames_progress(f));
	take_track(l, frames_track(f, 0));
	l->info.began_us = l->head.began_us;
	l->is_deep = true;
	if (e == ERR_IO)
		judge(l, UNREADABLE, strerror(errno));
	else
		judge_mjr(l);
	frames_close(f);
	return goes_on;
}

/* ---- containers ---- */

static uint64_t n_frames(const struct mux_info *info)
{
	uint64_t n = 0;
	for (unsigned i = 0; i < info->n_tracks; i++)
		n += info->tracks[i].frames;
	return n;
}

/* Of a file that was cut its head says how long it was to be. */
static int64_t last_frame(const struct mux_info *info)
{
	int64_t us = 0;
	for (unsigned i = 0; i < info->n_tracks; i++)
		us = info->tracks[i].last_us > us ? info->tracks[i].last_us : us;
	return us;
}

static bool look_at_media(struct look *l, bool deep)
{
	char why[sizeof l->why] = "";
	l->is_deep = deep;
	if (mux_info(l->path, deep, &l->info, why, sizeof why))
		judge(l, UNREADABLE, without_path(why, l->path));
	else if (deep && !n_frames(&l->info))
		judge(l, UNREADABLE, "no frame in it can be played");
	else if (!l->info.is_whole && l->format != FORMAT_OGG && l->format != FORMAT_WAV)
		/* those two have no index that could be missing */
		judge(l, DAMAGED, "it was cut short: cardea-rec repair makes it whole");
	if (deep && !l->info.is_whole)
		l->info.duration_us = last_frame(&l->info);
	return true;
}

bool look_into(struct look *l, const char *path, bool deep)
{
	struct stat st;
	*l = (struct look){ .path = path, .format = look_format(path) };
	if (l->format == FORMAT_NONE) {
		judge(l, UNREADABLE, errno ? strerror(errno) : "it is no recording");
		return true;
	}
	if (stat(path, &st) == 0)
		l->bytes = (uint64_t)st.st_size;
	return l->format == FORMAT_MJR ? look_at_mjr(l) : look_at_media(l, deep);
}
