/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "accept.h"

#define BACKLOG     1024
#define AT_ONCE     64  /* connections, before the others have their turn */
#define REST_MS     100 /* where there is no descriptor for one */
#define KEEPALIVE_S 60
#define PROBES      5
#define PROBE_S     10
#define RESERVE     32              /* descriptors that are left for files and media … */
#define RESERVE_OF  8               /* … or that part of all, where they are few */
#define CALM_US     (10 * US_PER_S) /* without shortage, before it is over */

struct acceptor {
	uv_poll_t poll;
	uv_timer_t rest;
	unsigned n_open; /* handles of libuv */
	int fd;
	void (*take)(void *arg, int fd);
	void *arg;
};

/* Of descriptors: the same for all ports. */
static bool is_short;
static int64_t short_us; /* when last */

static void configure(int fd)
{
	int one = 1, idle = KEEPALIVE_S, probes = PROBES, interval = PROBE_S;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
}

static void on_readable(uv_poll_t *poll, int status, int events);
static void on_rested(uv_timer_t *timer);

/** Descriptors are given out from below. */
static bool is_scarce(int fd)
{
	struct rlimit limit = { 0 };
	getrlimit(RLIMIT_NOFILE, &limit);
	rlim_t reserve =
		limit.rlim_cur / RESERVE_OF < RESERVE ? limit.rlim_cur / RESERVE_OF : RESERVE;
	return fd < 0 || (rlim_t)fd >= limit.rlim_cur - reserve;
}

/** Clients wait in the queue of the system, until others have gone. */
static void rest(struct acceptor *a, int error)
{
	if (!is_short)
		log_warn("web", 0, "no more connections can be accepted", "why=%s",
			LOG_QUOTED(strerror(error)));
	is_short = true;
	short_us = clock_now_us();
	uv_poll_stop(&a->poll);
	uv_timer_start(&a->rest, on_rested, REST_MS, 0);
}

/** It is over when it has not come back for a while: whoever takes the last descriptors again and
 *  again fills no log. */
static void be_calm(void)
{
	if (!is_short || clock_now_us() - short_us < CALM_US)
		return;
	log_info("web", 0, "connections are accepted again", "");
	is_short = false;
}

static void on_rested(uv_timer_t *timer)
{
	struct acceptor *a = timer->data;
	int next = dup(a->fd);

	if (is_scarce(next))
		rest(a, EMFILE);
	else
		uv_poll_start(&a->poll, UV_READABLE, on_readable);
	if (next >= 0)
		close(next);
}

static bool is_lasting(int e)
{
	return e == EMFILE || e == ENFILE || e == ENOBUFS || e == ENOMEM;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct acceptor *a = poll->data;
	(void)status, (void)events;

	for (int i = 0; i < AT_ONCE; i++) {
		int fd = accept4(a->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0) {
			if (is_lasting(errno))
				rest(a, errno);
			return;
		}
		configure(fd);
		a->take(a->arg, fd);
		if (is_scarce(fd)) {
			rest(a, EMFILE);
			return;
		}
		be_calm();
	}
}

/* ---- opening ---- */

static int bound(int family, const char *ip, unsigned port)
{
	struct sockaddr_in6 a6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
	struct sockaddr_in a4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	bool is_6 = family == AF_INET6;
	int one = 1, apart = ip && strcmp(ip, "::"); /* that means all, as without an address */
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (ip)
		inet_pton(family, ip, is_6 ? (void *)&a6.sin6_addr : (void *)&a4.sin_addr);
	if (fd >= 0 && !setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) &&
		(!is_6 || !setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &apart, sizeof apart)) &&
		!bind(fd, is_6 ? (struct sockaddr *)&a6 : (struct sockaddr *)&a4,
			is_6 ? sizeof a6 : sizeof a4) &&
		!listen(fd, BACKLOG))
		return fd;
	int e = errno;
	if (fd >= 0)
		close(fd);
	errno = e;
	return -1;
}

static int open_socket(const char *ip, unsigned port)
{
	struct in6_addr any;
	if (ip)
		return bound(inet_pton(AF_INET6, ip, &any) == 1 ? AF_INET6 : AF_INET, ip, port);
	int fd = bound(AF_INET6, NULL, port);
	/* no IPv6 on this machine: "all" means IPv4 */
	return fd < 0 && (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL)
		       ? bound(AF_INET, NULL, port)
		       : fd;
}

static void say_refused(char *why, const char *ip, unsigned port)
{
	snprintf(why, 256, "TCP port %u of %s: %s", port, ip ? ip : "all addresses",
		strerror(errno));
}

int accept_try(const char *ip, unsigned port, char *why)
{
	int fd = open_socket(ip, port);
	if (fd < 0)
		say_refused(why, ip, port);
	return fd;
}

static void on_closed(uv_handle_t *handle)
{
	struct acceptor *a = handle->data;
	if (--a->n_open)
		return;
	close(a->fd);
	free(a);
}

void accept_end(struct acceptor *a)
{
	if (!a)
		return;
	uv_close((uv_handle_t *)&a->poll, on_closed);
	uv_close((uv_handle_t *)&a->rest, on_closed);
}

struct acceptor *accept_on(uv_loop_t *loop, const char *ip, unsigned port,
	void (*take)(void *arg, int fd), void *arg, char *why)
{
	struct acceptor *a = calloc(1, sizeof *a);
	int fd = a ? open_socket(ip, port) : -1;

	if (fd < 0 || uv_poll_init(loop, &a->poll, fd)) {
		say_refused(why, ip, port);
		if (fd >= 0)
			close(fd);
		free(a);
		return NULL;
	}
	uv_timer_init(loop, &a->rest);
	a->n_open = 2;
	a->poll.data = a->rest.data = a;
	a->fd = fd;
	a->take = take;
	a->arg = arg;
	uv_poll_start(&a->poll, UV_READABLE, on_readable);
	return a;
}
