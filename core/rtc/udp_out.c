/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* recvmmsg, sendmmsg, in6_pktinfo */
#endif
#include <errno.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include "../base/metric.h"
#include "udp_backlog.h"
#include "udp_out.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#define MESSAGES      64    /* of one sendmmsg */
#define SEGMENTS      64    /* of one message: the kernel's UDP_MAX_SEGMENTS before 6.9 */
#define MESSAGE_BYTES 65000 /* of one message: 65535 less headers */
#define ARENA_BYTES   (256 << 10)
#define BACKLOG_BYTES (4 << 20) /* of one class and family, that wait for a full socket */
#define VIDEO_AGE_US  5000
#define URGENT_AGE_US 2000000
#define NO_GSO_BITS   1024

static struct metric sent = { .name = "cardea_udp_sent_datagrams",
	.help = "Datagrams given to the kernel" };
static struct metric messages = { .name = "cardea_udp_sent_messages",
	.help = "Messages they left in; fewer than datagrams where GSO applies" };
static struct metric refused = { .name = "cardea_udp_send_errors",
	.help = "Datagrams that the kernel refused" };
static struct metric video_dropped = { .name = "cardea_udp_video_drops",
	.help = "Video datagrams dropped because the socket was full" };
static struct metric urgent_dropped = { .name = "cardea_udp_urgent_drops",
	.help = "Other datagrams dropped because the socket was full" };

/* Equal-sized datagrams (the last may be shorter), back to back in the arena. */
struct udp_message {
	struct path to;
	enum udp_class class;
	uint8_t *data;
	unsigned len, segment, n;
};
struct udp_family { /* of one family */
	int fd;
	bool is_full;       /* the socket gave EAGAIN and has not become writable since */
	int64_t dropped_us; /* last, because it was full; 0: never */
	struct backlog backlog[2];
};
struct udp_out {
	struct loop *loop;
	bool gso;
	struct udp_family lane[2];
	struct udp_message msg[MESSAGES];
	unsigned n_msg;
	unsigned used;         /* bytes of the arena */
	const struct path *to; /* of the reservation */
	enum udp_class class;
	void (*before)(void *arg);
	void *before_arg;
	uint64_t no_gso[NO_GSO_BITS /
			64]; /* destinations (hashed) whose device refused segmentation */
	struct mmsghdr hdr[MESSAGES];
	struct iovec iov[MESSAGES];
	union {
		struct cmsghdr align;
		uint8_t bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(2)];
	} control[MESSAGES];
	uint8_t arena[ARENA_BYTES];
};

enum err udp_out_create(struct udp_out **out, struct loop *l, int fd4, int fd6, bool gso)
{
	struct udp_out *o = calloc(1, sizeof(*o));
	if (!o)
		return ERR_FULL;
	o->loop = l;
	o->gso = gso;
	o->lane[0].fd = fd4;
	o->lane[1].fd = fd6;
	*out = o;
	return OK;
}

void udp_out_destroy(struct udp_out *o)
{
	if (!o)
		return;
	for (unsigned f = 0; f < 2; f++)
		for (unsigned c = 0; c < 2; c++)
			backlog_clear(&o->lane[f].backlog[c]);
	free(o);
}

void udp_out_before(struct udp_out *o, void (*fn)(void *arg), void *arg)
{
	o->before = fn;
	o->before_arg = arg;
}

static bool is_v6(const struct path *p)
{
	return p->remote.sa.sa_family == AF_INET6;
}

static uint64_t *gso_word(struct udp_out *o, const struct path *to, uint64_t *bit)
{
	uint64_t h = path_hash(to, 0);
	*bit = 1ULL << (h & 63);
	return &o->no_gso[h >> 6 & (NO_GSO_BITS / 64 - 1)];
}

static bool may_segment(struct udp_out *o, const struct path *to)
{
	uint64_t bit, *word = gso_word(o, to, &bit);
	return o->gso && !(*word & bit);
}

uint8_t *udp_out_reserve(
	struct udp_out *o, const struct path *to, enum udp_class class, size_t max_len)
{
	if (o->used + max_len > ARENA_BYTES)
		udp_out_flush(o);
	o->to = to;
	o->class = class;
	return o->arena + o->used;
}

/* May the datagram just written join the last message? */
static bool joins(struct udp_out *o, const struct udp_message *m, size_t len)
{
	return m->n < SEGMENTS && len <= m->segment && m->len == m->n * m->segment &&
	       m->len + len <= MESSAGE_BYTES && m->class == o->class && path_equal(&m->to, o->to) &&
	       may_segment(o, o->to);
}

void udp_out_commit(struct udp_out *o, size_t len)
{
	struct udp_message *m = o->n_msg ? &o->msg[o->n_msg - 1] : NULL;
	if (!len)
		return;
	if (m && joins(o, m, len)) {
		m->len += (unsigned)len;
		m->n++;
	} else {
		if (o->n_msg == MESSAGES) {
			const uint8_t *written = o->arena + o->used;
			udp_out_flush(o); /* what is written there is complete now, too */
			memmove(o->arena, written, len);
		}
		m = &o->msg[o->n_msg++];
		*m = (struct udp_message){ *o->to, o->class, o->arena + o->used, (unsigned)len,
			(unsigned)len, 1 };
	}
	o->used += (unsigned)len;
}

/* Leave from the address that the peer knows: packet information in front, segment size behind. */
static void set_control(struct msghdr *h, void *buf, const struct path *to, unsigned segment)
{
	uint8_t *at = buf;
	size_t space = 0;
	struct cmsghdr c;
	if (to->local.sa.sa_family == AF_INET) {
		struct in_pktinfo info = { .ipi_spec_dst = to->local.v4.sin_addr };
		c = (struct cmsghdr){ CMSG_LEN(sizeof(info)), IPPROTO_IP, IP_PKTINFO };
		memset(at, 0, CMSG_SPACE(sizeof(info)));
		memcpy(at, &c, sizeof(c));
		memcpy(at + CMSG_LEN(0), &info, sizeof(info));
		space += CMSG_SPACE(sizeof(info));
	} else if (to->local.sa.sa_family == AF_INET6) {
		struct in6_pktinfo info = { to->local.v6.sin6_addr, to->local.v6.sin6_scope_id };
		c = (struct cmsghdr){ CMSG_LEN(sizeof(info)), IPPROTO_IPV6, IPV6_PKTINFO };
		memset(at, 0, CMSG_SPACE(sizeof(info)));
		memcpy(at, &c, sizeof(c));
		memcpy(at + CMSG_LEN(0), &info, sizeof(info));
		space += CMSG_SPACE(sizeof(info));
	}
	if (segment) {
		uint16_t size = (uint16_t)segment;
		c = (struct cmsghdr){ CMSG_LEN(sizeof(size)), IPPROTO_UDP, UDP_SEGMENT };
		memset(at + space, 0, CMSG_SPACE(sizeof(size)));
		memcpy(at + space, &c, sizeof(c));
		memcpy(at + space + CMSG_LEN(0), &size, sizeof(size));
		space += CMSG_SPACE(sizeof(size));
	}
	h->msg_control = space ? buf : NULL;
	h->msg_controllen = space;
}

static void fill(struct udp_out *o, unsigned i, const struct path *to, uint8_t *data, size_t len,
	unsigned segment)
{
	struct msghdr *h = &o->hdr[i].msg_hdr;
	o->iov[i] = (struct iovec){ data, len };
	*h = (struct msghdr){ .msg_name = (void *)&to->remote,
		.msg_namelen = addr_len(&to->remote),
		.msg_iov = &o->iov[i],
		.msg_iovlen = 1 };
	set_control(h, &o->control[i], to, segment);
}

static void count_drops(struct udp_out *o, struct udp_family *l, enum udp_class class, unsigned n)
{
	if (n)
		l->dropped_us = loop_now(o->loop);
	metric_add(class == UDP_VIDEO ? &video_dropped : &urgent_dropped, n);
}

static void wait_for_room(struct udp_out *o, struct udp_family *l)
{
	if (l->is_full)
		return;
	l->is_full = true;
	loop_mod(o->loop, l->fd, EPOLLIN | EPOLLOUT);
}

/* Keep what is left of a message for later. */
static void keep(
	struct udp_out *o, struct udp_family *l, const struct udp_message *m, unsigned from)
{
	const struct waiting w = { .to = m->to,
		.at_us = loop_now(o->loop),
		.len = m->len - from,
		.segment = m->segment,
		.n = (m->len - from + m->segment - 1) / m->segment };
	count_drops(o, l, m->class,
		backlog_push(&l->backlog[m->class], BACKLOG_BYTES, &w, m->data + from));
}

/* The device or route cannot segment: send the datagrams one by one, and do so from now on, if that
 * is what helps: the address they are sent from may as well be gone.
 * @return bytes sent; less than all: the socket is full */
static unsigned send_unsegmented(
	struct udp_out *o, struct udp_family *l, const struct udp_message *m)
{
	uint64_t bit, *word = gso_word(o, &m->to, &bit);
	unsigned at = 0, n;
	for (; at < m->len; at += n) {
		struct msghdr h;
		uint8_t control[sizeof(o->control[0])] __attribute__((aligned(8)));
		n = m->len - at < m->segment ? m->len - at : m->segment;
		struct iovec iov = { m->data + at, n };
		h = (struct msghdr){ .msg_name = (void *)&m->to.remote,
			.msg_namelen = addr_len(&m->to.remote),
			.msg_iov = &iov,
			.msg_iovlen = 1 };
		set_control(&h, control, &m->to, 0);
		if (sendmsg(l->fd, &h, MSG_DONTWAIT) >= 0) {
			*word |= bit;
			metric_add(&sent, 1);
			metric_add(&messages, 1);
		} else if (errno == EAGAIN) {
			break;
		} else {
			metric_add(&refused, 1);
		}
	}
	return at;
}

/* What became of the message that sendmmsg stopped at? @return bytes that are done with, as far as
 * they ever will be; less than all: the socket is full */
static unsigned failed(
	struct udp_out *o, struct udp_family *l, const struct udp_message *m, int error)
{
	if (error == EAGAIN)
		return 0;
	if (m->n > 1 && (error == EIO || error == EINVAL || error == EMSGSIZE))
		return send_unsegmented(o, l, m);
	metric_add(&refused, m->n);
	return m->len;
}

/* A run of messages of one family. */
static void send_run(struct udp_out *o, struct udp_family *l, unsigned first, unsigned n)
{
	unsigned done = 0, part = 0;
	while (done < n && !l->is_full) {
		int got = sendmmsg(l->fd, o->hdr + first + done, n - done, MSG_DONTWAIT);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			part = failed(o, l, &o->msg[first + done], errno);
			if (part < o->msg[first + done].len)
				wait_for_room(o, l);
			else
				done++;
			continue;
		}
		metric_add(&messages, (uint64_t)got);
		for (int i = 0; i < got; i++)
			metric_add(&sent, o->msg[first + done++].n);
	}
	for (; l->is_full && done < n; done++, part = 0)
		keep(o, l, &o->msg[first + done], part);
}

void udp_out_flush(struct udp_out *o)
{
	unsigned n = o->n_msg;
	if (o->before)
		o->before(o->before_arg);
	for (unsigned i = 0; i < n; i++) {
		const struct udp_message *m = &o->msg[i];
		fill(o, i, &m->to, m->data, m->len, m->n > 1 ? m->segment : 0);
	}
	for (unsigned first = 0, end; first < n; first = end) {
		bool v6 = is_v6(&o->msg[first].to);
		for (end = first + 1; end < n && is_v6(&o->msg[end].to) == v6; end++)
			;
		if (o->lane[v6].fd >= 0)
			send_run(o, &o->lane[v6], first, end - first);
	}
	o->n_msg = 0;
	o->used = 0;
}

/* @return messages of a full batch, or fewer */
static unsigned fill_waiting(struct udp_out *o, struct backlog *b, enum udp_class class)
{
	unsigned n = 0;
	for (struct waiting *w = backlog_first(b); w && n < MESSAGES; w = backlog_next(b, w), n++) {
		o->msg[n] = (struct udp_message){ w->to, class, w->data + w->done, w->len - w->done,
			w->segment, w->n };
		fill(o, n, &o->msg[n].to, o->msg[n].data, o->msg[n].len, w->n > 1 ? w->segment : 0);
	}
	return n;
}

/* @return false: the socket is full again. */
static bool skip_failed(struct udp_out *o, struct udp_family *l, struct backlog *b, int error)
{
	const struct udp_message *m = &o->msg[0];
	unsigned part = failed(o, l, m, error);
	struct waiting *w = backlog_first(b);
	if (part == m->len) {
		backlog_pop(b);
		return true;
	}
	w->done += part;
	w->n -= part / w->segment;
	return false;
}

/* @return false: full again. */
static bool send_backlog(struct udp_out *o, struct udp_family *l, enum udp_class class)
{
	struct backlog *b = &l->backlog[class];
	int64_t oldest_us = loop_now(o->loop) - (class == UDP_VIDEO ? VIDEO_AGE_US : URGENT_AGE_US);
	count_drops(o, l, class, backlog_expire(b, oldest_us));
	for (unsigned n; (n = fill_waiting(o, b, class));) {
		int got = sendmmsg(l->fd, o->hdr, n, MSG_DONTWAIT);
		if (got < 0 && !skip_failed(o, l, b, errno))
			return false;
		for (int i = 0; i < got; i++) {
			metric_add(&sent, o->msg[i].n);
			metric_add(&messages, 1);
			backlog_pop(b);
		}
	}
	return true;
}

void udp_out_writable(struct udp_out *o, bool ipv6)
{
	struct udp_family *l = &o->lane[ipv6];
	udp_out_flush(o); /* the headers are shared; while the socket is full this only fills the
			     backlog */
	if (!send_backlog(o, l, UDP_URGENT) || !send_backlog(o, l, UDP_VIDEO))
		return;
	l->is_full = false;
	loop_mod(o->loop, l->fd, EPOLLIN);
}

int64_t udp_out_full_us(const struct udp_out *o, bool ipv6)
{
	return o->lane[ipv6].dropped_us;
}

void udp_out_metrics(void)
{
	metric_register(&sent);
	metric_register(&messages);
	metric_register(&refused);
	metric_register(&video_dropped);
	metric_register(&urgent_dropped);
}
