/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cardea/transport.h>
#include "server.h"

#define AT_ONCE 64      /* of one turn: others wait for the loop, too */
#define REST_US 500000  /* without a descriptor */
#define JAM_US  3000000 /* in which nobody reads, until somebody has to go */

static void readable(void *arg, uint32_t events);

static void watch(struct server *s)
{
	s->is_resting = !cardea_loop_add(s->loop, s->address.fd, EPOLLIN, readable, s);
	if (s->is_resting)
		cardea_loop_timer_set(s->again, REST_US);
}

/* Who knocks waits in the backlog, and would wake us again at once. */
static void rest(struct server *s, int error)
{
	cardea_log(CARDEA_LOG_WARN, "pfunix", 0, "cannot accept", "why=%s",
		CARDEA_LOG_QUOTED(strerror(error)));
	cardea_loop_del(s->loop, s->address.fd);
	s->is_resting = true;
	cardea_loop_timer_set(s->again, REST_US);
}

/* @return whether there may be another */
static bool accept_one(struct server *s)
{
	int fd = accept4(s->address.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0 && errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
		rest(s, errno);
	if (fd < 0)
		return errno == EINTR || errno == ECONNABORTED;
	if (s->n_clients >= s->max_clients || !client_accepted(s, fd)) {
		cardea_log(CARDEA_LOG_WARN, "pfunix", 0, "no more clients", "most=%u admin=%d",
			s->max_clients, s->is_admin);
		close(fd);
	}
	return true;
}

static void readable(void *arg, uint32_t events)
{
	struct server *s = arg;
	(void)events;
	for (int i = 0; i < AT_ONCE; i++)
		if (!(s->address.type == SOCK_DGRAM ? client_datagram(s) : accept_one(s)))
			break;
}

/* ---- SOCK_DGRAM: what peers have not read fills the one buffer that serves them all ---- */

/* @return whether it has been full for long, and nobody has read anything */
static bool is_jammed(struct server *s)
{
	const int64_t now_us = cardea_loop_now_us(s->loop);
	const int unread = clients_unread(s);
	int room = 0;
	socklen_t len = sizeof room;

	getsockopt(s->address.fd, SOL_SOCKET, SO_SNDBUF, &room, &len);
	if (unread < room || unread != s->unread || now_us - s->looked_us > REST_US)
		s->unread_since_us = now_us;
	s->unread = unread;
	s->looked_us = now_us;
	return now_us - s->unread_since_us > JAM_US;
}

/* What a peer that is no more served has not read counts for the socket that it came from. Those
 * that have connected theirs to that one find nobody there, as after a restart. */
static void renew(struct server *s)
{
	char why[160];
	if (address_open(&s->address, cardea_max_message(), why, sizeof why)) {
		watch(s);
		return;
	}
	cardea_log(CARDEA_LOG_ERROR, "pfunix", 0, "no socket", "path=%s why=%s",
		CARDEA_LOG_QUOTED(s->address.path), CARDEA_LOG_QUOTED(why));
	s->is_resting = true;
	cardea_loop_timer_set(s->again, REST_US);
}

static void clear_jam(struct server *s)
{
	cardea_log(CARDEA_LOG_WARN, "pfunix", 0,
		"a peer that does not read holds up all others: the socket is made anew", "path=%s",
		CARDEA_LOG_QUOTED(s->address.path));
	client_drop_greediest(s);
	cardea_loop_del(s->loop, s->address.fd);
	address_close(&s->address);
	renew(s);
	client_retry(s);
}

static void again(void *arg)
{
	struct server *s = arg;
	if (s->address.fd < 0)
		renew(s);
	else if (s->is_resting)
		watch(s);
	else if (s->address.type == SOCK_DGRAM && is_jammed(s))
		clear_jam(s);
	else
		client_retry(s);
}

void server_serve(struct server *s, struct cardea_loop *loop)
{
	s->loop = loop;
	s->again = cardea_loop_timer_create(loop, again, s);
	watch(s);
}

void server_close(struct server *s)
{
	cardea_loop_timer_destroy(s->again);
	s->again = NULL;
	address_close(&s->address);
}
