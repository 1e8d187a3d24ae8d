/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "netwatch.h"

#define READS_A_TURN 64 /* a machine whose interfaces flap must not hold up the loop */

struct netwatch {
	struct loop *loop;
	int fd;
	void (*changed)(void *arg);
	void *arg;
	struct wheel_timer settled;
};

static void on_settled(void *arg)
{
	struct netwatch *n = arg;
	n->changed(n->arg);
}

static bool is_change(const struct nlmsghdr *m)
{
	return m->nlmsg_type == RTM_NEWADDR || m->nlmsg_type == RTM_DELADDR ||
	       m->nlmsg_type == RTM_NEWLINK || m->nlmsg_type == RTM_DELLINK;
}

static bool has_change(const void *data, size_t len)
{
	const struct nlmsghdr *m = data;
	for (; NLMSG_OK(m, len); m = NLMSG_NEXT(m, len))
		if (is_change(m))
			return true;
	return false;
}

/* @return whether something changed, or may have; *more: there is more to read */
static bool read_one(struct netwatch *n, bool *more)
{
	_Alignas(struct nlmsghdr) char buf[8192];
	struct sockaddr_nl from = { 0 };
	socklen_t from_len = sizeof(from);
	ssize_t got = recvfrom(
		n->fd, buf, sizeof(buf), MSG_DONTWAIT, (struct sockaddr *)&from, &from_len);
	*more = got >= 0 || errno == EINTR || errno == ENOBUFS;
	if (got < 0)
		return errno == ENOBUFS; /* notices were lost: any could have been among them */
	return !from.nl_pid &&
	       has_change(buf, (size_t)got); /* other processes may write to it, too */
}

static void on_readable(void *arg, uint32_t events)
{
	struct netwatch *n = arg;
	bool more = true, did_change = false;
	(void)events;
	for (unsigned i = 0; more && i < READS_A_TURN; i++)
		did_change |= read_one(n, &more);
	if (did_change && !wheel_armed(&n->settled))
		wheel_set(loop_wheel(n->loop), &n->settled, loop_now(n->loop) + NETWATCH_SETTLE_US);
}

static bool open_socket(struct netwatch *n)
{
	const struct sockaddr_nl to = { .nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR };
	n->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
	return n->fd >= 0 && !bind(n->fd, (const struct sockaddr *)&to, sizeof(to)) &&
	       !loop_add(n->loop, n->fd, EPOLLIN, on_readable, n);
}

enum err netwatch_create(
	struct netwatch **out, struct loop *l, void (*changed)(void *arg), void *arg)
{
	struct netwatch *n = calloc(1, sizeof(*n));
	if (!n)
		return ERR_FULL;
	n->loop = l;
	n->changed = changed;
	n->arg = arg;
	n->settled.fn = on_settled;
	n->settled.arg = n;
	if (!open_socket(n)) {
		if (n->fd >= 0)
			close(n->fd);
		free(n);
		return ERR_IO;
	}
	*out = n;
	return OK;
}

void netwatch_destroy(struct netwatch *n)
{
	if (!n)
		return;
	wheel_cancel(loop_wheel(n->loop), &n->settled);
	loop_del(n->loop, n->fd);
	close(n->fd);
	free(n);
}
