/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../base/clock.h"
#include "../rtp/rtp.h"
#include "mjr.h"

/* Room for a record, another that it is mistaken for, and the head of a third. */
#define ROOM   (1 << 18)
#define STEP   (1 << 16)
#define NEAR   1024 /* numbers within which another SSRC goes on with the same stream */
#define NEAR_S 10   /* and seconds */

/* How a record begins: format 2 has its time, format 1 has none. */
struct shape {
	const char *word;
	uint8_t word_len, time, len, head; /* offsets; time 0: none */
};
static const struct shape shapes[] = {
	{ "MEETECHO", 8, 0, 8, 10 },
	{ "MEET", 4, 4, 8, 10 },
};

struct mjr_reader {
	int fd; /* -1: all bytes are there */
	uint8_t *room;
	const uint8_t *at; /* what comes next */
	size_t left;       /* of it, so far */
	bool is_end;       /* nothing comes behind it */
	int error;         /* errno of the file */
	uint64_t size, seen;
	const struct shape *shape;
	struct mjr_head head;
	bool is_lost; /* damaged at `at` */
	uint32_t clock_hz;
	struct mjr_stream stream;
	struct mjr_stats stats;
};

/* ---- bytes ---- */

static void read_more(struct mjr_reader *r)
{
	size_t used = (size_t)(r->at - r->room) + r->left;
	if (used == ROOM) {
		memmove(r->room, r->at, r->left);
		r->at = r->room;
		used = r->left;
	}
	ssize_t n = read(r->fd, r->room + used, ROOM - used);
	if (n < 0 && errno == EINTR)
		return;
	if (n < 0)
		r->error = errno;
	if (n <= 0)
		r->is_end = true;
	else
		r->left += (size_t)n;
}

/* Are there @p len bytes? At most ROOM. */
static bool have(struct mjr_reader *r, size_t len)
{
	while (r->left < len && !r->is_end)
		read_more(r);
	return r->left >= len;
}

static void skip(struct mjr_reader *r, size_t len)
{
	r->at += len;
	r->left -= len;
	r->seen += len;
}

/* ---- the head ---- */

/* @return NULL, or what is wrong with it */
static const char *read_json(struct mjr_reader *r)
{
	if (!have(r, 2) || !have(r, 2u + rd16(r->at)))
		return "is cut off in its head";
	size_t len = rd16(r->at);
	bool good = mjr_head_parse(&r->head, (const char *)r->at + 2, len);
	skip(r, 2 + len);
	return good ? NULL : "has a damaged head";
}

/* As it was before there was JSON in it: the word of a record, and "audio" or "video". */
static const char *read_oldest(struct mjr_reader *r)
{
	bool is_video;
	if (!have(r, 15) || rd16(r->at + 8) != 5)
		return "has a damaged head";
	is_video = memcmp(r->at + 10, "video", 5) == 0;
	if (!is_video && memcmp(r->at + 10, "audio", 5) != 0)
		return "has a damaged head";
	r->head.kind = is_video ? CARDEA_VIDEO : CARDEA_AUDIO;
	r->head.codec = is_video ? CARDEA_VP8 : CARDEA_OPUS;
	snprintf(r->head.codec_name, sizeof r->head.codec_name, "%s",
		cardea_codec_name(r->head.codec));
	skip(r, 15);
	return NULL;
}

static const char *read_head(struct mjr_reader *r)
{
	r->shape = &shapes[0];
	if (!have(r, 8))
		return "is no MJR file";
	if (memcmp(r->at, shapes[0].word, 8) == 0)
		return read_oldest(r);
	if (memcmp(r->at, "MJR0000", 7) != 0 || (r->at[7] != '1' && r->at[7] != '2'))
		return "is no MJR file";
	r->shape = &shapes[r->at[7] - '1'];
	skip(r, 8);
	return have(r, 1) ? read_json(r) : NULL;
}

/* ---- records ---- */

/* Does a record begin at @p off, or the file end there? */
static bool is_border(struct mjr_reader *r, size_t off)
{
	size_t n = r->shape->word_len;
	if (!have(r, off + n)) {
		if (r->left < off)
			return false;
		n = r->left - off;
	}
	return memcmp(r->at + off, r->shape->word, n) == 0;
}

static size_t record_len(const struct mjr_reader *r, size_t off)
{
	return r->shape->head + (size_t)rd16(r->at + off + r->shape->len);
}

/* Is there a record at @p off that can be believed? */
static bool is_record(struct mjr_reader *r, size_t off)
{
	size_t len;
	if (!have(r, off + r->shape->head + 8) || !is_border(r, off))
		return false;
	len = record_len(r, off);
	if (r->head.kind != CARDEA_DATA && r->at[off + r->shape->head] >> 6 != 2)
		return false;
	return len >= r->shape->head + 8u && have(r, off + len) && is_border(r, off + len);
}

/* The first such from @p from on. @return @p to: there is none before it */
static size_t find_record(struct mjr_reader *r, size_t from, size_t to)
{
	for (size_t off = from; off < to && have(r, off + r->shape->word_len); off++)
		if (r->at[off] == *r->shape->word && is_record(r, off))
			return off;
	return to;
}

/* Go on to the next record, or to the end. */
static void find_way(struct mjr_reader *r)
{
	size_t from = 1, off;
	do {
		have(r, STEP);
		off = find_record(r, from, STEP);
		if (off > r->left)
			off = r->left;
		skip(r, off);
		r->stats.lost += off;
		from = 0;
	} while (off && have(r, 1) && !is_record(r, 0));
	r->is_lost = false;
}

static enum err lose_way(struct mjr_reader *r)
{
	r->is_lost = true;
	r->stats.damages++;
	return ERR_INVALID;
}

static enum err end(struct mjr_reader *r)
{
	if (r->error) {
		errno = r->error;
		return ERR_IO;
	}
	r->stats.is_cut = r->stats.is_cut || r->left;
	r->stats.lost += r->left;
	skip(r, r->left);
	return ERR_NOT_FOUND;
}

/* The next record as it stands, with what it is @p of. A length that reaches into other records,
 * or beyond the end, is not believed where there are any. */
static enum err next(struct mjr_reader *r, const uint8_t **record, size_t *len)
{
	bool is_whole;
	if (r->is_lost)
		find_way(r);
	if (!have(r, 1))
		return end(r);
	if (!is_border(r, 0))
		return lose_way(r);
	if (!have(r, r->shape->head))
		return end(r);
	*len = record_len(r, 0);
	is_whole = have(r, *len);
	if (!is_whole || !is_border(r, *len)) {
		size_t to = is_whole ? *len : r->left;
		if (find_record(r, r->shape->word_len, to) < to)
			return lose_way(r);
	}
	if (!is_whole)
		return end(r);
	*record = r->at;
	skip(r, *len);
	return OK;
}

/* ---- packets ---- */

static bool read_packet(struct rec_packet *p, const uint8_t *rtp, size_t len)
{
	size_t n = rtp_header_len(rtp, len), padding = 0;
	if (!n)
		return false;
	if (rtp[0] & 0x20) {
		padding = rtp[len - 1];
		if (!padding || padding > len - n)
			return false;
	}
	*p = (struct rec_packet){ .ts = rd32(rtp + 4),
		.seq = rd16(rtp + 2),
		.marker = rtp[1] >> 7,
		.is_empty = n + padding == len,
		.rtp = rtp,
		.rtp_len = (uint16_t)(len - padding),
		.payload = (uint16_t)n,
		.payload_len = (uint16_t)(len - padding - n) };
	return true;
}

/* Format 1: by the timestamps. */
static int64_t time_by_ts(struct mjr_reader *r, uint32_t ts)
{
	int64_t passed = (int64_t)(int32_t)(ts - r->stream.ts);
	if (passed < -NEAR_S * (int64_t)r->clock_hz || r->stream.at_us > 2 * MJR_UNIX_MAX)
		return r->stream.at_us;
	passed = passed * US_PER_S + r->stream.rest;
	r->stream.rest = passed % r->clock_hz;
	return r->stream.at_us + passed / r->clock_hz;
}

/* Does its timestamp follow from the last one and the time that has passed? */
static bool is_in_time(const struct mjr_reader *r, const struct rec_packet *p)
{
	int64_t passed = (p->at_us - r->stream.at_us) / US_PER_MS * r->clock_hz / 1000;
	int32_t off = (int32_t)(p->ts - r->stream.ts - (uint32_t)passed);
	return llabs(off) < NEAR_S * (int64_t)r->clock_hz;
}

static bool is_stray(const struct mjr_reader *r, uint32_t ssrc)
{
	for (unsigned i = 0; i < r->stream.n_strays && i < MJR_STRAYS; i++)
		if (r->stream.strays[i] == ssrc)
			return true;
	return false;
}

/* A writer makes numbers and timestamps run on, whatever the SSRC. Where they do not, another
 * stream has begun. @return false: it is of one that has ended */
static bool follow(struct mjr_reader *r, struct rec_packet *p)
{
	uint32_t ssrc = rd32(p->rtp + 8);
	bool is_near = llabs((int16_t)(p->seq - r->stream.seq)) < NEAR;
	if (r->stream.is_begun && !(is_in_time(r, p) && (ssrc == r->stream.ssrc || is_near))) {
		if (ssrc != r->stream.ssrc && is_stray(r, ssrc))
			return false;
		if (ssrc != r->stream.ssrc)
			r->stream.strays[r->stream.n_strays++ % MJR_STRAYS] = r->stream.ssrc;
		r->stream.gen++;
	}
	r->stream.is_begun = true;
	r->stream.ssrc = ssrc;
	r->stream.seq = p->seq;
	r->stream.ts = p->ts;
	r->stream.at_us = p->at_us;
	p->gen = r->stream.gen;
	return true;
}

enum err mjr_read(struct mjr_reader *r, struct rec_packet *p)
{
	const struct shape *s = r->shape;
	const uint8_t *record;
	enum err e;
	size_t len;
	if (r->head.kind == CARDEA_DATA)
		return ERR_STATE;
	while (!(e = next(r, &record, &len))) {
		if (read_packet(p, record + s->head, len - s->head)) {
			if (!r->stream.is_begun)
				r->stream.ts = p->ts;
			p->at_us = s->time ? r->head.began_us + rd32(record + s->time) * US_PER_MS
					   : time_by_ts(r, p->ts);
			if (follow(r, p))
				break;
		}
		r->stats.skipped++;
	}
	r->stats.records += !e;
	return e;
}

enum err mjr_read_data(struct mjr_reader *r, const uint8_t **bytes, size_t *len, int64_t *unix_us)
{
	const struct shape *s = r->shape;
	const uint8_t *record;
	uint64_t us;
	enum err e;
	if (r->head.kind && r->head.kind != CARDEA_DATA)
		return ERR_STATE;
	while (!(e = next(r, &record, len)) && *len < s->head + 8u)
		r->stats.skipped++;
	if (e)
		return e;
	us = rd64(record + s->head);
	*unix_us = us < MJR_UNIX_MAX ? (int64_t)us : r->head.began_us;
	*bytes = record + s->head + 8;
	*len -= s->head + 8u;
	r->stats.records++;
	return OK;
}

/* ---- begin and end ---- */

/* "g711" is either; a packet tells. */
static void tell_g711(struct mjr_reader *r)
{
	if (strcmp(r->head.codec_name, "g711") != 0 || !is_border(r, 0) ||
		!have(r, r->shape->head + 2u))
		return;
	r->head.codec = (r->at[r->shape->head + 1] & 0x7f) == 8 ? CARDEA_PCMA : CARDEA_PCMU;
}

/* Frees @p r where it fails. */
static struct mjr_reader *begin(struct mjr_reader *r, struct mjr_head *head, const char **reason)
{
	if ((*reason = read_head(r))) {
		if (r->error)
			*reason = strerror(r->error);
		mjr_close(r);
		return NULL;
	}
	tell_g711(r);
	r->clock_hz = mjr_clock_hz(&r->head);
	r->stream.at_us = r->head.began_us;
	*head = r->head;
	return r;
}

struct mjr_reader *mjr_open_bytes(
	const uint8_t *bytes, size_t len, struct mjr_head *head, char *why, size_t size)
{
	struct mjr_reader *r = calloc(1, sizeof *r);
	const char *reason = strerror(ENOMEM);
	if (r) {
		*r = (struct mjr_reader){
			.fd = -1, .at = bytes, .left = len, .size = len, .is_end = true
		};
		r = begin(r, head, &reason);
	}
	if (!r)
		snprintf(why, size, "This %s", reason);
	return r;
}

/* @return -1: errno tells why */
static int open_file(const char *path, uint64_t *size)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		*size = (uint64_t)st.st_size;
		return fd;
	}
	close(fd);
	errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
	return -1;
}

struct mjr_reader *mjr_open(const char *path, struct mjr_head *head, char *why, size_t size)
{
	struct mjr_reader *r = calloc(1, sizeof *r);
	const char *reason;
	if (r) {
		r->room = malloc(ROOM);
		r->at = r->room;
		r->fd = r->room ? open_file(path, &r->size) : -1;
	}
	if (!r || r->fd < 0) {
		snprintf(why, size, "%s cannot be read: %s", path, strerror(r ? errno : ENOMEM));
		mjr_close(r);
		return NULL;
	}
	if (!(r = begin(r, head, &reason)))
		snprintf(why, size, "%s %s", path, reason);
	return r;
}

bool mjr_mark(const struct mjr_reader *r, struct mjr_mark *m)
{
	*m = (struct mjr_mark){ r->seen, r->stream };
	return !r->is_lost;
}

enum err mjr_go(struct mjr_reader *r, const struct mjr_mark *m)
{
	if (r->fd < 0) {
		r->at = r->at - r->seen + m->at;
		r->left = r->size - m->at;
	} else {
		if (lseek(r->fd, (off_t)m->at, SEEK_SET) < 0)
			return ERR_IO;
		r->at = r->room;
		r->left = 0;
		r->is_end = false;
		r->error = 0;
	}
	r->seen = m->at;
	r->stream = m->stream;
	r->is_lost = false;
	return OK;
}

void mjr_close(struct mjr_reader *r)
{
	if (!r)
		return;
	if (r->fd >= 0)
		close(r->fd);
	free(r->room);
	free(r);
}

const struct mjr_stats *mjr_stats(const struct mjr_reader *r)
{
	return &r->stats;
}

double mjr_progress(const struct mjr_reader *r)
{
	return r->seen < r->size ? (double)r->seen / (double)r->size : 1;
}
