/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* recvmmsg, sendmmsg, in6_pktinfo */
#endif
#include <errno.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "../base/metric.h"
#include "udp.h"
#include "udp_out.h"

#define BATCH_IN     64
#define BUFFER_BYTES (8 << 20) /* asked for; the kernel gives at most net.core.?mem_max */

static struct metric datagrams_in = { .name = "cardea_udp_received_datagrams",
	.help = "Datagrams read from the media sockets" };
static struct metric no_packets = { .name = "cardea_udp_no_packet_drops",
	.help = "Datagrams dropped because the packet pool was empty" };
static struct metric too_long = { .name = "cardea_udp_too_long_drops",
	.help = "Datagrams dropped because they were longer than any media" };

struct socket_in {
	struct udp *udp;
	int fd;
};
struct udp {
	struct loop *loop;
	struct pool *pool;
	const struct udp_ops *ops;
	void *arg;
	uint16_t port;
	struct socket_in in[2]; /* IPv4, IPv6 */
	struct udp_out *out;
	unsigned n_used; /* places of the batch that the kernel has written to */
	struct pkt *pkt[BATCH_IN];
	struct mmsghdr msg[BATCH_IN];
	struct iovec iov[BATCH_IN];
	struct addr from[BATCH_IN];
	union {
		struct cmsghdr align;
		uint8_t bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	} control[BATCH_IN];
	uint8_t waste[16]; /* where datagrams end that no packet is there for */
};

static void local_address(const struct msghdr *m, int family, struct addr *local)
{
	memset(local, 0, sizeof(*local));
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR((struct msghdr *)m, c)) {
		if (family == AF_INET && c->cmsg_level == IPPROTO_IP &&
			c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;
			memcpy(&info, CMSG_DATA(c), sizeof(info));
			local->v4.sin_family = AF_INET;
			local->v4.sin_addr = info.ipi_addr;
		} else if (family == AF_INET6 && c->cmsg_level == IPPROTO_IPV6 &&
			   c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo info;
			memcpy(&info, CMSG_DATA(c), sizeof(info));
			local->v6.sin6_family = AF_INET6;
			local->v6.sin6_addr = info.ipi6_addr;
			if (IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr))
				local->v6.sin6_scope_id = info.ipi6_ifindex;
		}
	}
}

/* Give every place of the batch a packet, and the kernel fresh lengths. Most wake-ups bring only a
 * few packets: the places behind them are as they were. One without a packet counts as used. */
static void prepare(struct udp *u)
{
	unsigned end = u->n_used;
	u->n_used = 0;
	for (unsigned n = 0; n < end; n++) {
		if (!u->pkt[n])
			u->pkt[n] = pkt_take(u->pool);
		u->iov[n].iov_base = u->pkt[n] ? u->pkt[n]->data : u->waste;
		u->iov[n].iov_len = u->pkt[n] ? PKT_CAP : sizeof(u->waste);
		u->msg[n].msg_hdr = (struct msghdr){ .msg_name = &u->from[n],
			.msg_namelen = sizeof(u->from[n]),
			.msg_iov = &u->iov[n],
			.msg_iovlen = 1,
			.msg_control = &u->control[n],
			.msg_controllen = sizeof(u->control[n]) };
		if (!u->pkt[n])
			u->n_used = n + 1;
	}
}

static void deliver(struct udp *u, unsigned n, int64_t now_us)
{
	struct pkt *k = u->pkt[n];
	struct path from;
	if (!k) {
		metric_add(&no_packets, 1);
		return;
	}
	if (u->msg[n].msg_hdr.msg_flags & MSG_TRUNC) {
		metric_add(&too_long, 1);
		return;
	}
	from.remote = u->from[n];
	local_address(&u->msg[n].msg_hdr, from.remote.sa.sa_family, &from.local);
	addr_set_port(&from.local, u->port);
	k->len = (uint16_t)u->msg[n].msg_len;
	k->at_us = now_us;
	u->ops->datagram(u->arg, k, &from);
	if (k->refs > 1) {
		pkt_drop(k);
		u->pkt[n] = NULL;
	}
}

static void on_ready(void *arg, uint32_t events)
{
	struct socket_in *s = arg;
	struct udp *u = s->udp;
	if (events & EPOLLOUT)
		udp_out_writable(u->out, s == &u->in[1]);
	if (!(events & (EPOLLIN | EPOLLERR)))
		return;
	prepare(u);
	/* One batch a turn: whoever waits at the end of the turn is served first. */
	int got = recvmmsg(s->fd, u->msg, BATCH_IN, MSG_DONTWAIT, NULL);
	if (got <= 0)
		return;
	if ((unsigned)got > u->n_used)
		u->n_used = (unsigned)got;
	int64_t now = loop_now(u->loop);
	metric_add(&datagrams_in, (uint64_t)got);
	for (int n = 0; n < got; n++)
		deliver(u, (unsigned)n, now);
}

static enum err open_socket(struct udp *u, int family, const struct udp_conf *conf, char *why)
{
	bool v6 = family == AF_INET6;
	struct socket_in *s = &u->in[v6];
	const int on = 1, size = BUFFER_BYTES, tos = conf->dscp << 2;
	struct addr a = { .sa = { .sa_family = (sa_family_t)family } };
	socklen_t len = sizeof(a);
	addr_set_port(&a, u->port);
	s->udp = u;
	s->fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		goto failed;
	/* beyond the limit only with CAP_NET_ADMIN; else as much as there is */
	if (setsockopt(s->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (setsockopt(s->fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		setsockopt(s->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	if (tos)
		setsockopt(s->fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_TCLASS : IP_TOS, &tos,
			sizeof(tos));
	if ((v6 && setsockopt(s->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on))) ||
		setsockopt(s->fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP,
			v6 ? IPV6_RECVPKTINFO : IP_PKTINFO, &on, sizeof(on)) ||
		bind(s->fd, &a.sa, addr_len(&a)) || getsockname(s->fd, &a.sa, &len))
		goto failed;
	u->port = addr_port(&a);
	if (loop_add(u->loop, s->fd, EPOLLIN, on_ready, s))
		goto failed;
	return OK;
failed:
	snprintf(why, 256, "UDP port %u (%s): %s", conf->port, v6 ? "IPv6" : "IPv4",
		strerror(errno));
	return ERR_IO;
}

enum err udp_create(struct udp **out, struct loop *l, struct pool *pool,
	const struct udp_conf *conf, const struct udp_ops *ops, void *arg, char *why)
{
	struct udp *u = calloc(1, sizeof(*u));
	enum err e = ERR_FULL;
	snprintf(why, 256, "out of memory");
	if (!u)
		return e;
	u->loop = l;
	u->pool = pool;
	u->ops = ops;
	u->arg = arg;
	u->port = conf->port;
	u->n_used = BATCH_IN;
	u->in[0].fd = u->in[1].fd = -1;
	if ((e = open_socket(u, AF_INET, conf, why)) ||
		(conf->ipv6 && (e = open_socket(u, AF_INET6, conf, why))) ||
		(e = udp_out_create(&u->out, l, u->in[0].fd, u->in[1].fd, conf->gso))) {
		udp_destroy(u);
		return e;
	}
	udp_out_before(u->out, ops->complete, arg);
	*out = u;
	return OK;
}

void udp_destroy(struct udp *u)
{
	if (!u)
		return;
	for (unsigned f = 0; f < 2; f++)
		if (u->in[f].fd >= 0) {
			loop_del(u->loop, u->in[f].fd);
			close(u->in[f].fd);
		}
	for (unsigned n = 0; n < BATCH_IN; n++)
		pkt_drop(u->pkt[n]);
	udp_out_destroy(u->out);
	free(u);
}

uint16_t udp_port(const struct udp *u)
{
	return u->port;
}

bool udp_has_ipv6(const struct udp *u)
{
	return u->in[1].fd >= 0;
}

uint8_t *udp_reserve(struct udp *u, const struct path *to, enum udp_class class, size_t max_len)
{
	return udp_out_reserve(u->out, to, class, max_len);
}

void udp_commit(struct udp *u, size_t len)
{
	udp_out_commit(u->out, len);
}

void udp_send(
	struct udp *u, const struct path *to, enum udp_class class, const uint8_t *data, size_t len)
{
	if (len > UDP_MAX) {
		metric_add(&too_long, 1);
		return;
	}
	memcpy(udp_out_reserve(u->out, to, class, len), data, len);
	udp_out_commit(u->out, len);
}

void udp_flush(struct udp *u)
{
	udp_out_flush(u->out);
}

int64_t udp_full_us(const struct udp *u, bool ipv6)
{
	return udp_out_full_us(u->out, ipv6);
}

void udp_metrics(void)
{
	metric_register(&datagrams_in);
	metric_register(&no_packets);
	metric_register(&too_long);
	udp_out_metrics();
}
