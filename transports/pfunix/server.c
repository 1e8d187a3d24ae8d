/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cardea/transport.h>
#include "client.h"
#include "server.h"

#define AT_ONCE  64     /* of one turn: others wait for the loop, too */
#define RETRY_US 20000  /* until a full peer is tried again */
#define REST_US  500000 /* without a descriptor */

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

static void again(void *arg)
{
	struct server *s = arg;
	if (s->is_resting)
		watch(s);
	else
		client_retry(s);
}

void server_retry(struct server *s)
{
	cardea_loop_timer_set(s->again, RETRY_US);
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
