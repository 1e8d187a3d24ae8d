/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "../base/clock.h"
#include "dump.h"

#define ROOM       (64u << 10)
#define PACKET_MAX (16u << 10) /* what one takes in the buffer: text has three bytes for each */
#define SNAPLEN    65535
#define ETHERNET   1 /* the link type */

struct dump {
	int fd;
	bool is_text;
	uint64_t session, handle;
	int64_t wall_off_us; /* wall clock less monotonic, once: no time jumps */
	off_t whole;         /* bytes of the file up to the last flush */
	uint64_t written;    /* packets up to there */
	unsigned waiting;    /* packets in the buffer */
	int error;
	size_t used;
	uint8_t buf[ROOM];
};

/* ---- pcap ---- */

struct file_head {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, accuracy, snaplen, link_type;
};
struct packet_head {
	uint32_t seconds, micros, kept, len;
};

/* Ethernet, IPv4 and UDP of a packet that never had them. */
struct frame {
	uint8_t ethernet[14], ip[20], udp[8];
};

static void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static struct frame invent(const struct capture_packet *p)
{
	static const uint8_t client[] = { 10, 1, 1, 1 }, server[] = { 10, 2, 2, 2 };
	struct frame f = { .ethernet = { [12] = 0x08 }, .ip = { 0x45, [8] = 64, 17 } };
	put16(f.ip + 2, (unsigned)(sizeof f.ip + sizeof f.udp) + p->len);
	memcpy(f.ip + 12, p->is_out ? server : client, 4);
	memcpy(f.ip + 16, p->is_out ? client : server, 4);
	put16(f.udp, p->is_out ? 2000 : 1000);
	put16(f.udp + 2, p->is_out ? 1000 : 2000);
	put16(f.udp + 4, (unsigned)sizeof f.udp + p->len);
	return f;
}

static size_t write_pcap(
	uint8_t *out, const struct capture_packet *p, int64_t wall_us, const uint8_t *data)
{
	const struct frame f = invent(p);
	const struct packet_head h = { (uint32_t)(wall_us / US_PER_S),
		(uint32_t)(wall_us % US_PER_S), (uint32_t)sizeof f + p->kept,
		(uint32_t)sizeof f + p->len };
	memcpy(out, &h, sizeof h);
	memcpy(out + sizeof h, &f, sizeof f);
	memcpy(out + sizeof h + sizeof f, data, p->kept);
	return sizeof h + sizeof f + p->kept;
}

/* ---- text, for text2pcap(1) ---- */

static char *write_hex(char *at, const uint8_t *data, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < n; i++) {
		*at++ = digits[data[i] >> 4];
		*at++ = digits[data[i] & 15];
		*at++ = ' ';
	}
	return at;
}

static size_t write_text(const struct dump *d, uint8_t *out, const struct capture_packet *p,
	int64_t wall_us, const uint8_t *data)
{
	char *at = (char *)out;
	time_t seconds = (time_t)(wall_us / US_PER_S);
	struct tm t;
	localtime_r(&seconds, &t);
	at += sprintf(at, "%c %02d:%02d:%02d.%06d 000000  ", p->is_out ? 'O' : 'I', t.tm_hour,
		t.tm_min, t.tm_sec, (int)(wall_us % US_PER_S));
	at = write_hex(at, data, p->kept);
	at += sprintf(at, "JANUS_TEXT2PCAP_%s [session=%" PRIu64 "][handle=%" PRIu64 "]\r\n",
		p->is_rtcp ? "RTCP" : "RTP", d->session, d->handle);
	return (size_t)(at - (char *)out);
}

/* ---- the file ---- */

/* "I 12:34:56.789": its first line begins so. */
static bool is_text_dump(int fd)
{
	static const char model[] = "I 00:00:00";
	char begin[sizeof model - 1];
	if (pread(fd, begin, sizeof begin, 0) != sizeof begin ||
		(begin[0] != 'I' && begin[0] != 'O'))
		return false;
	for (size_t i = 1; i < sizeof begin; i++)
		if (model[i] == '0' ? begin[i] < '0' || begin[i] > '9' : begin[i] != model[i])
			return false;
	return true;
}

static enum err prepare_pcap(int fd, bool is_empty)
{
	const struct file_head head = { .magic = 0xa1b2c3d4,
		.major = 2,
		.minor = 4,
		.snaplen = SNAPLEN,
		.link_type = ETHERNET };
	struct file_head found;
	if (!is_empty)
		return pread(fd, &found, sizeof found, 0) == sizeof found &&
				       !memcmp(&found, &head, sizeof head)
			       ? OK
			       : ERR_INVALID;
	if (write(fd, &head, sizeof head) == sizeof head)
		return OK;
	(void)!ftruncate(fd, 0);
	return ERR_IO;
}

enum err dump_prepare(int fd, bool is_text)
{
	struct stat s;
	if (flock(fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? ERR_EXISTS : ERR_IO;
	if (fstat(fd, &s))
		return ERR_IO;
	if (!is_text)
		return prepare_pcap(fd, !s.st_size);
	return s.st_size && !is_text_dump(fd) ? ERR_INVALID : OK;
}

struct dump *dump_new(int fd, bool is_text, uint64_t session, uint64_t handle)
{
	struct dump *d = malloc(sizeof *d);
	if (!d) {
		close(fd);
		return NULL;
	}
	d->fd = fd;
	d->is_text = is_text;
	d->session = session;
	d->handle = handle;
	d->wall_off_us = clock_wall_us() - clock_now_us();
	d->whole = lseek(fd, 0, SEEK_END);
	d->written = 0;
	d->waiting = 0;
	d->error = 0;
	d->used = 0;
	return d;
}

/* @return false: errno tells why */
static bool write_all(const struct dump *d)
{
	for (size_t at = 0; at < d->used;) {
		ssize_t n = write(d->fd, d->buf + at, d->used - at);
		if (n < 0 && errno != EINTR)
			return false;
		at += n > 0 ? (size_t)n : 0;
	}
	return true;
}

int dump_flush(struct dump *d)
{
	if (d->error || !d->used)
		return d->error;
	if (write_all(d)) {
		d->whole += (off_t)d->used;
		d->written += d->waiting;
	} else {
		d->error = errno;
		(void)!ftruncate(d->fd, d->whole); /* no part of a packet stays */
	}
	d->used = 0;
	d->waiting = 0;
	return d->error;
}

int dump_put(struct dump *d, const struct capture_packet *p, const uint8_t *data)
{
	int64_t wall_us = d->wall_off_us + p->at_us;
	if (ROOM - d->used < PACKET_MAX && dump_flush(d))
		return d->error;
	if (d->is_text)
		d->used += write_text(d, d->buf + d->used, p, wall_us, data);
	else
		d->used += write_pcap(d->buf + d->used, p, wall_us, data);
	d->waiting++;
	return 0;
}

int dump_close(struct dump *d, uint64_t *packets)
{
	int error = dump_flush(d);
	*packets = d->written;
	if (close(d->fd) && !error)
		error = errno;
	free(d);
	return error;
}
