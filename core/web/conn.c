/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "../base/clock.h"
#include "conn.h"
#include "crowd.h"
#include "http.h"

#define SCRATCH_KEPT (256u << 10)    /* a larger one is given back after use by the next write */
#define FLUSH_US     (30 * US_PER_S) /* for what is to be written before a connection closes */
#define LINGER_US    (2 * US_PER_S)
#define LINGER_BYTES (64u << 20)

static unsigned char *scratch;
static size_t scratch_size;

void conn_stop(void)
{
	free(scratch);
	scratch = NULL;
	scratch_size = 0;
}

/* ---- addresses ---- */

static void address_text(const struct sockaddr_storage *a, char *out, size_t size)
{
	const struct sockaddr_in6 *a6 = (const struct sockaddr_in6 *)a;

	out[0] = '\0';
	if (a->ss_family == AF_INET)
		inet_ntop(
			AF_INET, &((const struct sockaddr_in *)a)->sin_addr, out, (socklen_t)size);
	else if (a->ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&a6->sin6_addr))
		inet_ntop(AF_INET, &a6->sin6_addr.s6_addr[12], out, (socklen_t)size);
	else if (a->ss_family == AF_INET6)
		inet_ntop(AF_INET6, &a6->sin6_addr, out, (socklen_t)size);
}

void conn_local_ip(const struct conn *c, char *out, size_t size)
{
	struct sockaddr_storage a = { 0 };
	socklen_t len = sizeof a;
	getsockname(lws_get_socket_fd(c->wsi), (struct sockaddr *)&a, &len);
	address_text(&a, out, size);
}

/* ---- birth and death ---- */

static void on_time(void *arg)
{
	struct conn *c = arg;
	c->woken(c);
}

struct conn *conn_open(struct lws *wsi, const struct listener *l, void (*woken)(struct conn *c))
{
	struct sockaddr_storage a = { 0 };
	socklen_t len = sizeof a;
	struct conn *c = calloc(1, sizeof *c);

	if (!c || !(c->http = http_create())) {
		free(c);
		return NULL;
	}
	c->wsi = wsi;
	c->listener = l;
	c->reads = true;
	c->woken = woken;
	c->timer.fn = on_time;
	c->timer.arg = c;
	getpeername(lws_get_socket_fd(wsi), (struct sockaddr *)&a, &len);
	address_text(&a, c->ip, sizeof c->ip);
	if (crowd_enter(c->ip, &c->place))
		return c;
	conn_free(c);
	return NULL;
}

void conn_free(struct conn *c)
{
	alarm_cancel(&c->timer);
	crowd_leave(c->place);
	http_free(c->http);
	free(c->rest);
	free(c);
}

/* ---- bytes ---- */

unsigned char *conn_scratch(size_t len)
{
	if (len > scratch_size || scratch_size > SCRATCH_KEPT) {
		free(scratch);
		scratch_size = len > 16384 ? len : 16384;
		scratch = malloc(LWS_PRE + scratch_size);
		if (!scratch) {
			scratch_size = 0;
			return NULL;
		}
	}
	return scratch + LWS_PRE;
}

/** While something waits to be written libwebsockets reads nothing, and would be woken for it again
 *  and again. */
static void pace(struct conn *c)
{
	lws_rx_flow_control(c->wsi, c->reads && !c->is_full);
}

bool conn_write(struct conn *c, unsigned char *at, size_t len)
{
	if (c->state != CONN_OPEN || lws_write(c->wsi, at, len, LWS_WRITE_RAW) < (int)len) {
		conn_drop(c);
		return false;
	}
	if (conn_is_full(c) && !c->is_full) {
		c->is_full = true;
		pace(c);
		conn_want_write(c);
	}
	return true;
}

void conn_writable(struct conn *c)
{
	if (!c->is_full || conn_is_full(c))
		return;
	c->is_full = false;
	pace(c);
}

void conn_want_write(struct conn *c)
{
	lws_callback_on_writable(c->wsi);
}

bool conn_is_full(const struct conn *c)
{
	return lws_partial_buffered(c->wsi);
}

void conn_read(struct conn *c, bool on)
{
	c->reads = on;
	pace(c);
}

void conn_timer(struct conn *c, int64_t us)
{
	if (c->state == CONN_OPEN && us)
		alarm_set(&c->timer, us);
	else if (c->state == CONN_OPEN)
		alarm_cancel(&c->timer);
}

bool conn_has_left(const struct conn *c)
{
	struct pollfd p = { .fd = lws_get_socket_fd(c->wsi), .events = POLLRDHUP };
	return poll(&p, 1, 0) > 0;
}

/* ---- the end ---- */

void conn_close(struct conn *c)
{
	if (c->state != CONN_OPEN)
		return;
	conn_timer(c, conn_is_full(c) ? FLUSH_US : LINGER_US);
	c->state = CONN_CLOSING;
	conn_want_write(c);
}

/* libwebsockets must not lose a connection under its own feet: a time-out of now, served from its
 * loop. */
void conn_drop(struct conn *c)
{
	if (c->state == CONN_GONE)
		return;
	c->state = CONN_GONE;
	alarm_cancel(&c->timer);
	lws_set_timeout(c->wsi, PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_ASYNC);
	/* which looks at its time-outs behind events of its own only */
	lws_cancel_service(lws_get_context(c->wsi));
}

/* Closed with unread bytes, TCP would take back what the peer has not read yet. */
static void linger(struct conn *c)
{
	SSL *ssl = lws_get_ssl(c->wsi);

	alarm_set(&c->timer, LINGER_US);
	c->state = CONN_LINGERS;
	if (ssl)
		SSL_shutdown(ssl);
	shutdown(lws_get_socket_fd(c->wsi), SHUT_WR);
	conn_read(c, true);
}

void conn_end(struct conn *c)
{
	if (c->state == CONN_CLOSING && !conn_is_full(c))
		linger(c);
}

void conn_discard(struct conn *c, size_t len)
{
	c->discarded += len;
	if (c->discarded > LINGER_BYTES)
		conn_drop(c);
}
