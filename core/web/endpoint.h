/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/id.h"
#include "../base/metric.h"
#include "conn.h"
#include "head.h"
#include "mount.h"

/** @file
 * What WebSockets and HTTP exchanges have in common: a name that other threads use, a connection
 * and a mount. Web thread. */
enum endpoint_kind { ENDPOINT_SOCKET = 1, ENDPOINT_EXCHANGE };

struct endpoint {
	enum endpoint_kind kind;
	uint64_t id;
	struct conn *conn;
	const struct mount *mount; /**< NULL: served by the host itself */
};

/** Give @p e a name and its connection. @return false when there are too many */
bool endpoint_begin(struct endpoint *e, enum endpoint_kind kind, struct conn *c);
/** Take both away. */
void endpoint_end(struct endpoint *e);
/** @return NULL when it has gone or is of another kind */
struct endpoint *endpoint_get(uint64_t id, enum endpoint_kind kind);

/** The thread's birth and death. */
bool endpoint_start(void);
void endpoint_stop(void);

extern struct metric web_sockets, web_messages_in, web_messages_out, web_bytes_out, web_too_slow,
	web_requests;
