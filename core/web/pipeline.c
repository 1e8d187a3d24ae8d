/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "exchange.h"
#include "handshake.h"
#include "http.h"
#include "pipeline.h"
#include "socket.h"
#include "socket_out.h"

#define AT_ONCE   16 /* requests of one connection, before the others have their turn */
#define REQUEST_S 20 /* from the first byte, or from connecting, to a complete head */

void pipeline_open(struct conn *c)
{
	conn_timer(c, REQUEST_S * US_PER_S);
}

/** Keep what came behind a request until that is answered. */
static void keep(struct conn *c, const char *data, size_t len)
{
	char *rest = len ? realloc(c->rest, c->rest_len + len) : NULL;

	if (len && !rest) {
		conn_drop(c);
		return;
	}
	if (len) {
		memcpy(rest + c->rest_len, data, len);
		c->rest = rest;
		c->rest_len += len;
	}
	conn_read(c, false);
}

static void become_socket(struct conn *c, const char *data, size_t len)
{
	const char *reason = NULL;
	int refused = socket_open(c, &reason);

	if (refused)
		exchange_refuse(c, refused, reason);
	else if (len && c->state == CONN_OPEN)
		socket_bytes(c->at, data, len);
}

static void read_requests(struct conn *c, const char *data, size_t len)
{
	bool was_within = http_is_within(c->http);
	int left = AT_ONCE;

	while (c->state == CONN_OPEN && c->http) {
		switch (http_read(c->http, &data, &len)) {
		case READ_MORE:
			if (!was_within && http_is_within(c->http) && !c->at)
				conn_timer(c, REQUEST_S * US_PER_S);
			if (c->at)
				exchange_more(c);
			return;
		case READ_HEAD:
			if (handshake_is_asked(http_head(c->http)))
				become_socket(c, data, len);
			else
				exchange_begin(c);
			break;
		case READ_WHOLE:
			exchange_whole(c);
			was_within = false;
			break;
		case READ_BAD:
			exchange_refuse(c, http_status(c->http), NULL);
			break;
		}
		if (exchange_waits(c->at)) {
			keep(c, data, len);
			return;
		}
		if (c->state == CONN_OPEN && !c->at && len && !--left) {
			keep(c, data, len);
			conn_want_write(c);
			return;
		}
	}
}

void pipeline_bytes(struct conn *c, const char *data, size_t len)
{
	if (c->state != CONN_OPEN)
		conn_discard(c, len);
	else if (!c->http)
		socket_bytes(c->at, data, len);
	else if (exchange_waits(c->at) || c->rest_len)
		keep(c, data, len); /* was on its way when reading was stopped */
	else
		read_requests(c, data, len);
}

/** The request before is answered: read on. */
static void read_rest(struct conn *c)
{
	char *rest = c->rest;
	size_t len = c->rest_len;

	c->rest = NULL;
	c->rest_len = 0;
	read_requests(c, rest, len);
	free(rest);
	if (c->state == CONN_OPEN && !exchange_waits(c->at) && !c->rest_len)
		conn_read(c, true);
}

void pipeline_writable(struct conn *c)
{
	conn_writable(c);
	if (c->state != CONN_OPEN)
		conn_end(c);
	else if (!c->http)
		socket_writable(c->at);
	else if (c->at)
		exchange_writable(c->at);
	else if (c->rest_len)
		read_rest(c);
}

void pipeline_woken(struct conn *c)
{
	if (c->state != CONN_OPEN || (!c->at && http_is_within(c->http)))
		conn_drop(c);
	else if (!c->at)
		conn_close(c);
	else if (c->http)
		exchange_late(c->at);
	else
		socket_woken(c->at);
}

void pipeline_closed(struct conn *c)
{
	if (c->at && c->at->kind == ENDPOINT_SOCKET)
		socket_closed(c->at);
	else if (c->at)
		exchange_closed(c->at);
	conn_free(c);
}
