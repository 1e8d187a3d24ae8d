/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/id.h"
#include "../base/metric.h"
#include "../base/thread.h"
#include "listen.h"

/** @file
 * What WebSocket connections and HTTP exchanges have in common: a name that other threads use, and a place in
 * libwebsockets. Web thread. */
enum conn_kind { CONN_SOCKET = 1, CONN_EXCHANGE };

struct conn {
	enum conn_kind kind;
	uint64_t id;
	struct lws *wsi;
	const struct mount *mount; /**< NULL: served by the host itself */
};

/** libwebsockets' memory for each connection. */
struct seat {
	struct conn *conn;
};

/** Give @p c a name. @return false when there are too many */
bool conn_name(struct conn *c, enum conn_kind kind, struct lws *wsi);
void conn_unname(struct conn *c);
/** @return NULL when it has gone or is of another kind */
struct conn *conn_get(uint64_t id, enum conn_kind kind);

/** Addresses as text, IPv4 also where it came in through an IPv6 socket. @p size at least 64. */
void conn_peer_ip(struct lws *wsi, char *out, size_t size);
void conn_local_ip(struct lws *wsi, char *out, size_t size);
/** A request header, cut to @p size; empty when absent. @return @p out */
const char *conn_header(struct lws *wsi, enum lws_token_indexes token, char *out, size_t size);

#define CONN_QUERY 4096
/** The query of the request's address, without '?'; "" when absent, cut to @p size. */
void conn_query(struct lws *wsi, char *out, size_t size);

/** Memory for one libwebsockets write: @p len bytes with LWS_PRE before them, valid until the next call; NULL when
 *  there is none. */
unsigned char *conn_scratch(size_t len);

/** Is it our turn to speak of something that peers can cause at will? At most once per second. Any thread. */
bool conn_may_log(void);

/** The web thread, and whether we are on it. */
struct owner web_owner(void);
bool web_is_here(void);

extern struct metric web_sockets, web_messages_in, web_messages_out, web_bytes_out, web_too_slow, web_requests;
