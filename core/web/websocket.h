/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <wslay/wslay.h>
#include "bulk.h"
#include "endpoint.h"

/** @file
 * A WebSocket as its two halves see it: what comes in (socket.c) and what goes out (socket_out.c).
 * Web thread. */

struct unsent {
	struct unsent *next;
	struct cardea_text *text;
};

/** What takes frames apart: a connection has one within a message only, for it is large. */
struct frame_reader {
	wslay_event_context_ptr wslay;
	struct websocket *of; /* whom it serves */
};

struct websocket {
	struct endpoint at;
	struct frame_reader *reader; /* NULL: between messages */
	const char *feed;            /* for it */
	size_t feed_len;
	/* bytes that it was fed, of no whole frame; the frame at hand */
	uint64_t unread, frame;
	bool is_within, is_control; /* a message; and that frame */
	char *in;                   /* the message so far */
	size_t in_len, in_cap;
	struct unsent *first, **end;
	size_t waiting;   /* bytes */
	struct bulk bulk; /* of both */
	/* among those with something to write; prev_due NULL: not */
	struct websocket *next_due, **prev_due;
	struct cardea_address address;
	bool is_held;        /* nothing is read: cardea_web_read() */
	unsigned close_code; /* not 0: close when all is sent */
	bool ping_open;      /* sent and not answered: dropped at give_up_us */
	int64_t give_up_us;
	bool is_probed; /* the mount waits for a sign of life */
	bool is_told;   /* the mount knows that it is closed */
	int64_t heard_us;
	int64_t grown_us; /* when the message or frame that is not whole got a byte */
};

/** @return NULL when it is none, or closing */
static inline struct websocket *socket_of(struct endpoint *e)
{
	return e && e->kind == ENDPOINT_SOCKET && e->conn->state == CONN_OPEN
		       ? (struct websocket *)e
		       : NULL;
}

/** What it makes us keep has changed. @return false: it is too much */
static inline bool socket_keeps(struct websocket *s)
{
	return bulk_set(&s->bulk, s->in_len + s->waiting);
}

/** Bytes of a frame's length behind its first one (RFC 6455, 5.2): 125 needs none, 126 needs 2,
 *  65536 needs 8. */
static inline unsigned socket_len_bytes(uint64_t len)
{
	if (len < 126)
		return 0;
	return len < 65536 ? 2 : 8;
}
