/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "alarm.h"
#include "listen.h"

/** @file
 * A connection, plain or TLS. libwebsockets moves its bytes; what they mean, others know. Web
 * thread. */
struct conn {
	struct lws *wsi;
	const struct listener *listener;
	char ip[64];         /**< the peer's, IPv4 also where it came in through an IPv6 socket */
	struct http *http;   /**< reads its requests; NULL: it has become a WebSocket */
	struct endpoint *at; /**< the exchange or WebSocket that is served; NULL: none */
	char *rest;          /**< came behind a request that is not answered yet */
	size_t rest_len;
	enum { CONN_OPEN, CONN_CLOSING, CONN_LINGERS, CONN_GONE } state;
	size_t discarded;
	int place;    /**< crowd_enter() */
	bool reads;   /**< as conn_read() says … */
	bool is_full; /**< … but not while the network does not take what is written */
	struct wheel_timer timer;
	void (*woken)(struct conn *c);
};

/** libwebsockets' memory for each connection. */
struct seat {
	struct conn *conn;
};

/** @param woken is called when the time of conn_timer() is up
 *  @return NULL: out of memory */
struct conn *conn_open(struct lws *wsi, const struct listener *l, void (*woken)(struct conn *c));
void conn_free(struct conn *c);

/** Memory for one conn_write(): @p len bytes, valid until the next call; NULL when there is
 *  none. */
unsigned char *conn_scratch(size_t len);
/** Write what was put there; what the network does not take now goes later. @return false: the
 *  connection is lost, and being dropped */
bool conn_write(struct conn *c, unsigned char *scratch, size_t len);
/** Have pipeline_writable() called when the network takes more, which may be at once. */
void conn_want_write(struct conn *c);
/** The network takes more, or may: read on, if that had to wait. */
void conn_writable(struct conn *c);
/** Does something wait for the network? */
bool conn_is_full(const struct conn *c);
/** Read no more, or on. */
void conn_read(struct conn *c, bool on);
/** Wake the connection after @p us; 0: not any more. */
void conn_timer(struct conn *c, int64_t us);
/** Close it when all is written, in a way that lets a peer which is still sending read it. */
void conn_close(struct conn *c);
/** Now, without a word. It lives until libwebsockets says that it is gone. */
void conn_drop(struct conn *c);
/** Has the peer closed its side? Seen while we do not read. */
bool conn_has_left(const struct conn *c);
/** The address that the peer has reached. @p size at least 64 */
void conn_local_ip(const struct conn *c, char *out, size_t size);

/** All that conn_close() waited for may be written: go on with it. */
void conn_end(struct conn *c);
/** Bytes that nobody wants, as the connection is closing. */
void conn_discard(struct conn *c, size_t len);

void conn_stop(void);
