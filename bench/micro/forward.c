/* SPDX-License-Identifier: Apache-2.0 */
/* The floor: what forwarding costs on this machine when nothing else is done. One thread reads one
 * socket, decrypts a packet once, gives it a header for each who hears it, encrypts it with that
 * one's key, and sends with sendmmsg and UDP GSO: video when its frame is whole, sound at once. No
 * sessions, no ICE, no DTLS, no cache, no timers; RTCP, with which peers wake it too, is opened and
 * dropped. Who hears whom comes from the load client (hello.h). forward PORT
 * [auto|evp|ipsec-mb|libsrtp2] At the end (SIGTERM) it prints how the packets left, as members of a
 * JSON object. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* recvmmsg, sendmmsg */
#endif
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "../../core/rtc/replay.h"
#include "../../core/rtc/srtp.h"
#include "../../core/rtp/rtp.h"
#include "hello.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#define BATCH    64 /* datagrams of one read */
#define DATAGRAM 1500
#define FRAME    64   /* packets that are held */
#define HEADER   64   /* a longer one is not ours */
#define MESSAGES 64   /* of one sendmmsg */
#define SEGMENTS 32   /* of one message */
#define PEERS    4096 /* the highest number */
#define ARENA    (256 << 10)
#define BUFFER   (16 << 20) /* of the socket */
#define PT_VIDEO 96

struct peer {
	struct sockaddr_in address;
	struct srtp *srtp;
	uint32_t shift; /* of what it hears: SSRC and timestamp */
	struct peer **hearers;
	unsigned n_hearers, n_held;
	size_t held_len[FRAME];
	uint64_t held_index[FRAME];
	struct replays numbers;
	uint8_t held[FRAME][DATAGRAM]; /* the frame that is coming in */
};
/* Packets of one length (the last may be shorter) for one peer, back to back. */
struct message {
	struct peer *to;
	uint8_t *data;
	size_t len, segment;
	unsigned n;
};

static enum srtp_engine engine;
static struct peer *by_number[PEERS], *by_port[65536];
static int fd;
static struct message out[MESSAGES];
static unsigned n_out;
static uint8_t arena[ARENA];
static size_t used;
static uint64_t packets, messages, segmented, unreadable;
static volatile sig_atomic_t is_over;

static void fail(const char *what)
{
	fprintf(stderr, "forward: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* ---- out ---- */

static void fill(struct msghdr *h, struct iovec *iov, uint8_t *control, struct message *m)
{
	*iov = (struct iovec){ m->data, m->len };
	*h = (struct msghdr){ .msg_name = &m->to->address,
		.msg_namelen = sizeof(m->to->address),
		.msg_iov = iov,
		.msg_iovlen = 1 };
	if (m->n < 2)
		return;
	uint16_t size = (uint16_t)m->segment;
	h->msg_control = control;
	h->msg_controllen = CMSG_SPACE(sizeof(size));
	struct cmsghdr *c = CMSG_FIRSTHDR(h);
	*c = (struct cmsghdr){ CMSG_LEN(sizeof(size)), IPPROTO_UDP, UDP_SEGMENT };
	memcpy(CMSG_DATA(c), &size, sizeof(size));
}

static void flush(void)
{
	static struct mmsghdr hdr[MESSAGES];
	static struct iovec iov[MESSAGES];
	static _Alignas(struct cmsghdr) uint8_t control[MESSAGES][CMSG_SPACE(sizeof(uint16_t))];
	for (unsigned i = 0; i < n_out; i++) {
		fill(&hdr[i].msg_hdr, &iov[i], control[i], &out[i]);
		packets += out[i].n;
		segmented += out[i].n > 1 ? out[i].n : 0;
	}
	for (unsigned done = 0; done < n_out;) {
		int n = sendmmsg(fd, hdr + done, n_out - done, 0);
		if (n < 0 && errno != EINTR)
			fail("sendmmsg");
		done += n > 0 ? (unsigned)n : 0;
	}
	messages += n_out;
	n_out = 0;
	used = 0;
}

static bool joins(const struct message *m, const struct peer *to, size_t len)
{
	return m->to == to && m->n < SEGMENTS && len <= m->segment && m->len == m->n * m->segment;
}

static void send_to(struct peer *to, const uint8_t *packet, size_t len, uint64_t index)
{
	uint8_t header[HEADER];
	size_t header_len = rtp_header_len(packet, len);
	if (used + DATAGRAM > ARENA || (n_out == MESSAGES && out[n_out - 1].to != to))
		flush();
	memcpy(header, packet, header_len);
	wr32(header + 4, rd32(header + 4) + to->shift);
	wr32(header + 8, rd32(header + 8) + to->shift);
	const struct rtp_parts parts = { .header = header,
		.payload = packet + header_len,
		.header_len = header_len,
		.payload_len = len - header_len,
		.index = index };
	size_t n = srtp_seal(to->srtp, &parts, arena + used);
	if (!n)
		fail("cannot encrypt");
	if (n_out && joins(&out[n_out - 1], to, n)) {
		out[n_out - 1].len += n;
		out[n_out - 1].n++;
	} else {
		if (n_out == MESSAGES) { /* another length for the same peer */
			uint8_t *written = arena + used;
			flush();
			memmove(arena, written, n);
		}
		out[n_out++] = (struct message){ to, arena + used, n, n, 1 };
	}
	used += n;
}

static void send_frame(struct peer *from)
{
	for (unsigned i = 0; i < from->n_hearers; i++)
		for (unsigned k = 0; k < from->n_held; k++)
			send_to(from->hearers[i], from->held[k], from->held_len[k],
				from->held_index[k]);
	from->n_held = 0;
}

/* ---- in ---- */

/* Receivers are told the numbers of the sender, roll-overs and all. */
static uint64_t index_of(struct peer *from, const uint8_t *data)
{
	struct replay *s = replay_make(&from->numbers, rd32(data + 8));
	uint64_t index = s ? replay_guess(s, rd16(data + 2)) : 0;
	if (s)
		replay_mark(s, index);
	return index;
}

static void on_rtp(struct peer *from, uint8_t *data, size_t len)
{
	if (srtp_open(from->srtp, data, &len) || rtp_header_len(data, len) > HEADER) {
		unreadable++;
		return;
	}
	uint64_t index = index_of(from, data);
	if ((data[1] & 0x7f) != PT_VIDEO) {
		for (unsigned i = 0; i < from->n_hearers; i++)
			send_to(from->hearers[i], data, len, index);
		return;
	}
	memcpy(from->held[from->n_held], data, len);
	from->held_index[from->n_held] = index;
	from->held_len[from->n_held++] = len;
	if (data[1] & 0x80 || from->n_held == FRAME)
		send_frame(from);
}

static void on_rtcp(struct peer *from, uint8_t *data, size_t len)
{
	if (srtp_open_rtcp(from->srtp, data, &len))
		unreadable++;
}

static struct srtp *make_srtp(const struct hello *h)
{
	struct srtp_keys keys = { .profile = (uint16_t)h->profile };
	struct srtp *s;
	hello_master(keys.send, h->number, 0);
	hello_master(keys.recv, h->number, 1);
	if (srtp_new(&s, engine, &keys))
		fail("no SRTP for this profile");
	return s;
}

static void hear(struct peer *p, uint32_t feed)
{
	struct peer *from = feed < PEERS ? by_number[feed] : NULL;
	if (!from)
		fail("a feed that did not say hello");
	from->hearers = realloc(from->hearers, (from->n_hearers + 1) * sizeof(struct peer *));
	if (!from->hearers)
		fail("no memory");
	from->hearers[from->n_hearers++] = p;
}

static void on_hello(const struct hello *h, size_t len, const struct sockaddr_in *from)
{
	if (len < offsetof(struct hello, feed) || h->magic != HELLO_MAGIC || !h->number ||
		h->number >= PEERS || h->n_feeds > HELLO_FEEDS || len != hello_len(h))
		return;
	if (!by_number[h->number]) {
		struct peer *p = calloc(1, sizeof(*p));
		if (!p)
			fail("no memory");
		p->address = *from;
		p->srtp = make_srtp(h);
		p->shift = h->number;
		by_number[h->number] = by_port[from->sin_port] = p;
		for (uint32_t i = 0; i < h->n_feeds; i++)
			hear(p, h->feed[i]);
	}
	if (sendto(fd, h, len, 0, (const struct sockaddr *)from, sizeof(*from)) < 0)
		fail("no answer to a hello");
}

static void take(uint8_t *data, size_t len, const struct sockaddr_in *from)
{
	struct peer *p = by_port[from->sin_port]; /* all of them have one address */
	if (p && len >= RTP_HEADER && data[0] >> 6 == 2)
		(data[1] >= 192 && data[1] <= 223 ? on_rtcp : on_rtp)(p, data, len);
	else
		on_hello((const struct hello *)(void *)data, len, from);
}

static void read_batch(void)
{
	static _Alignas(struct hello) uint8_t data[BATCH][DATAGRAM];
	static struct mmsghdr hdr[BATCH];
	static struct iovec iov[BATCH];
	static struct sockaddr_in from[BATCH];
	static int dirty = BATCH; /* headers that the kernel has written to */
	for (int i = 0; i < dirty; i++) {
		iov[i] = (struct iovec){ data[i], DATAGRAM };
		hdr[i].msg_hdr = (struct msghdr){ .msg_name = &from[i],
			.msg_namelen = sizeof(from[i]),
			.msg_iov = &iov[i],
			.msg_iovlen = 1 };
	}
	int n = recvmmsg(fd, hdr, BATCH, MSG_WAITFORONE, NULL);
	if (n < 0 && errno != EINTR)
		fail("recvmmsg");
	dirty = n > 0 ? n : 0;
	for (int i = 0; i < dirty; i++)
		take(data[i], hdr[i].msg_len, &from[i]);
	flush();
}

static void open_socket(unsigned port)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int size = BUFFER;
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)))
		fail("no socket");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

static void on_signal(int number)
{
	(void)number;
	is_over = 1;
}

int main(int argc, char **argv)
{
	static const char *const engines[] = { "auto", "evp", "ipsec-mb", "libsrtp2" };
	struct sigaction end = { .sa_handler = on_signal };
	unsigned port = argc > 1 ? (unsigned)atoi(argv[1]) : 0;
	for (unsigned i = 0; argc > 2 && i < 4; i++)
		if (!strcmp(argv[2], engines[i]))
			engine = (enum srtp_engine)i;
	if (!port || port > 65535 || argc > 3) {
		fputs("forward PORT [auto|evp|ipsec-mb|libsrtp2]\n", stderr);
		return 2;
	}
	sigaction(SIGTERM, &end, NULL); /* without SA_RESTART: it ends the read */
	sigaction(SIGINT, &end, NULL);
	open_socket(port);
	while (!is_over)
		read_batch();
	printf("\"gcm\":\"%s\",\"packets_per_message\":%.3f,\"segmented_pct\":%.2f,\"unreadable\":%"
	       "llu\n",
		srtp_gcm_name(engine), messages ? (double)packets / (double)messages : 0,
		packets ? 100 * (double)segmented / (double)packets : 0,
		(unsigned long long)unreadable);
	for (unsigned i = 0; i < PEERS; i++)
		if (by_number[i]) {
			srtp_free(by_number[i]->srtp);
			free(by_number[i]->hearers);
			free(by_number[i]);
		}
	return 0;
}
