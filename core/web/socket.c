/* SPDX-License-Identifier: Apache-2.0 */
#include "socket.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "../base/log_rate.h"
#include "handshake.h"
#include "http.h"
#include "posts.h"
#include "socket_out.h"
#include "websocket.h"

#define TRY_AGAIN_LATER 1013
#define UNFINISHED_US   (60 * US_PER_S) /* without a byte of a message that is not whole */

/* What wslay answers while it reads: pongs, and what closes. */
static struct {
	unsigned char *at;
	size_t len, room;
} replies;

static size_t max_message;

void socket_configure(size_t max)
{
	max_message = max;
}

/* ---- beginning and end ---- */

static bool pings(const struct websocket *s)
{
	return s->at.mount->place.ping_after_s && s->at.mount->place.ping_timeout_s;
}

/** Is it in the middle of a message or frame? */
static bool is_unfinished(const struct websocket *s)
{
	return s->unread || s->is_within;
}

/** Wake when the first of what has an end comes to it: silence, a pong, an unfinished message. */
static void watch(struct websocket *s)
{
	int64_t now_us = clock_now_us(), at_us = 0;

	if (s->ping_open)
		at_us = s->give_up_us;
	else if (pings(s))
		at_us = s->heard_us + s->at.mount->place.ping_after_s * US_PER_S;
	if (is_unfinished(s) && (!at_us || s->grown_us + UNFINISHED_US < at_us))
		at_us = s->grown_us + UNFINISHED_US;
	if (at_us)
		at_us = at_us - now_us > US_PER_MS ? at_us - now_us : US_PER_MS;
	conn_timer(s->at.conn, at_us);
}

static void tell_opened(struct websocket *s, const struct head *h, const char *ip)
{
	char path[256];
	struct cardea_web_peer who = {
		.size = sizeof who, .ip = ip, .path = path, .query = head_query(h)
	};

	head_path(h, path, sizeof path);
	s->address = cardea_address(who.ip);
	bulk_begin(&s->bulk, &s->address);
	s->at.mount->socket.opened(s->at.mount->arg, s->at.id, &who);
}

int socket_open(struct conn *c, const char **reason)
{
	const struct head *h = http_head(c->http);
	const struct mount *m;
	struct visitor v = { .reason = NULL };
	int refused = handshake_check(c, h, &m, &v);
	struct websocket *s;

	*reason = v.reason;
	if (refused)
		return refused == ACCESS_DROP ? 403 : refused;
	if (!(s = calloc(1, sizeof *s)) || !endpoint_begin(&s->at, ENDPOINT_SOCKET, c)) {
		free(s);
		return 503;
	}
	s->at.mount = m;
	s->end = &s->first;
	s->heard_us = clock_now_us();
	metric_add(&web_sockets, 1);
	if (!handshake_accept(c, h, m, &v))
		conn_drop(c);
	watch(s);
	tell_opened(s, h, v.ip);
	http_free(c->http);
	c->http = NULL;
	return 0;
}

static struct frame_reader *spare; /* as new: it stands between messages */

static void free_reader(struct frame_reader *r)
{
	if (r)
		wslay_event_context_free(r->wslay);
	free(r);
}

/** Few connections are in the middle of a message: mostly the spare one goes round. */
static void return_reader(struct websocket *s)
{
	if (spare)
		free_reader(s->reader);
	else
		spare = s->reader;
	s->reader = NULL;
}

void socket_stop(void)
{
	free_reader(spare);
	spare = NULL;
}

/** The mount hears of it as soon as the peer has closed: the connection may linger for a while. */
static void tell_closed(struct websocket *s, uint64_t id, unsigned code)
{
	const struct mount *m = s->at.mount;

	if (!s->is_told)
		m->socket.closed(m->arg, id, code);
	s->is_told = true;
}

void socket_closed(struct endpoint *e)
{
	struct websocket *s = (struct websocket *)e;
	uint64_t id = e->id;

	bulk_set(&s->bulk, 0);
	endpoint_end(e);
	metric_add(&web_sockets, (uint64_t)-1);
	tell_closed(s, id, WSLAY_CODE_ABNORMAL_CLOSURE);
	socket_forget_out(s);
	free_reader(s->reader);
	free(s->in);
	free(s);
}

/* ---- in ---- */

/** Anything that comes shows that somebody is there. */
static void heard(struct websocket *s)
{
	const struct mount *m = s->at.mount;

	s->heard_us = clock_now_us();
	s->ping_open = false;
	if (s->is_probed && m->socket.alive)
		m->socket.alive(m->arg, s->at.id);
	s->is_probed = false;
}

static ssize_t feed(wslay_event_context_ptr reader, uint8_t *buf, size_t len, int flags, void *arg)
{
	struct websocket *s = ((struct frame_reader *)arg)->of;
	(void)flags;
	if (!s->feed_len || s->is_held) {
		wslay_event_set_error(reader, WSLAY_ERR_WOULDBLOCK);
		return -1;
	}
	if (len > s->feed_len)
		len = s->feed_len;
	memcpy(buf, s->feed, len);
	s->feed += len;
	s->feed_len -= len;
	return (ssize_t)len;
}

static ssize_t say(
	wslay_event_context_ptr reader, const uint8_t *data, size_t len, int flags, void *arg)
{
	(void)flags, (void)arg;
	if (len > replies.room - replies.len) {
		wslay_event_set_error(reader, WSLAY_ERR_CALLBACK_FAILURE);
		return -1;
	}
	memcpy(replies.at + replies.len, data, len);
	replies.len += len;
	return (ssize_t)len;
}

/** Pongs, and what closes, in answer to @p len bytes: each is shorter than what it answers, but for
 *  the close. */
static bool answer_frames(struct websocket *s, size_t len)
{
	if (!wslay_event_want_write(s->reader->wslay))
		return true;
	replies.room = len + 512;
	replies.len = 0;
	if (!(replies.at = conn_scratch(replies.room)) || wslay_event_send(s->reader->wslay))
		return false;
	return !replies.len || conn_write(s->at.conn, replies.at, replies.len);
}

static void on_frame(wslay_event_context_ptr reader,
	const struct wslay_event_on_frame_recv_start_arg *f, void *arg)
{
	struct websocket *s = ((struct frame_reader *)arg)->of;
	/* its status would have two bytes: wslay answers as if there were none */
	if (f->opcode == WSLAY_CONNECTION_CLOSE && f->payload_length == 1)
		wslay_event_queue_close(reader, WSLAY_CODE_PROTOCOL_ERROR, NULL, 0);
	s->is_control = wslay_is_ctrl_frame(f->opcode);
	if (!s->is_control)
		s->grown_us = s->heard_us;
	s->is_within |= !s->is_control;
	s->frame = 6 + socket_len_bytes(f->payload_length) + f->payload_length;
}

static bool take(struct websocket *s, const uint8_t *data, size_t len)
{
	if (s->in_len + len + 1 > s->in_cap) {
		size_t cap = s->in_len + len + 1;
		if (s->in_len) /* a piece has come before: more are likely */
			cap *= 2;
		char *in = realloc(s->in, cap);
		if (!in)
			return false;
		s->in = in;
		s->in_cap = cap;
	}
	if (len)
		memcpy(s->in + s->in_len, data, len);
	s->in_len += len;
	s->in[s->in_len] = '\0';
	return true;
}

static void on_piece(wslay_event_context_ptr reader,
	const struct wslay_event_on_frame_recv_chunk_arg *p, void *arg)
{
	struct websocket *s = ((struct frame_reader *)arg)->of;
	if (s->is_control || s->at.conn->state != CONN_OPEN)
		return;
	s->grown_us = s->heard_us;
	bool fits = s->in_len + p->data_length <= max_message;
	if (fits && take(s, p->data, p->data_length) && socket_keeps(s))
		return;
	if (!fits && log_seldom())
		log_warn("web", s->at.id, "message too long", "limit=%zu", max_message);
	wslay_event_queue_close(
		reader, fits ? TRY_AGAIN_LATER : WSLAY_CODE_MESSAGE_TOO_BIG, NULL, 0);
	wslay_event_shutdown_read(reader);
}

static void on_frame_end(wslay_event_context_ptr reader, void *arg)
{
	struct websocket *s = ((struct frame_reader *)arg)->of;
	(void)reader;
	s->unread -= s->frame;
}

static void on_whole(
	wslay_event_context_ptr reader, const struct wslay_event_on_msg_recv_arg *m, void *arg)
{
	struct websocket *s = ((struct frame_reader *)arg)->of;
	const struct mount *mount = s->at.mount;
	char *in = s->in;
	size_t in_len = s->in_len;

	if (m->opcode == WSLAY_CONNECTION_CLOSE)
		tell_closed(
			s, s->at.id, m->status_code ? m->status_code : WSLAY_CODE_NO_STATUS_RCVD);
	if (wslay_is_ctrl_frame(m->opcode) || s->at.conn->state != CONN_OPEN ||
		!wslay_event_get_read_enabled(reader))
		return;
	s->is_within = false;
	s->in = NULL; /* an idle connection keeps no buffer */
	s->in_len = s->in_cap = 0;
	socket_keeps(s);
	metric_add(&web_messages_in, 1);
	mount->socket.message(mount->arg, s->at.id, in ? in : "", in_len);
	free(in);
}

static bool make_reader(struct websocket *s)
{
	static const struct wslay_event_callbacks hooks = { .recv_callback = feed,
		.send_callback = say,
		.on_frame_recv_start_callback = on_frame,
		.on_frame_recv_chunk_callback = on_piece,
		.on_frame_recv_end_callback = on_frame_end,
		.on_msg_recv_callback = on_whole };

	struct frame_reader *r = spare;

	if (s->reader)
		return true;
	spare = NULL;
	if (!r && (!(r = calloc(1, sizeof *r)) ||
			  wslay_event_context_server_init(&r->wslay, &hooks, r))) {
		free(r);
		return false;
	}
	wslay_event_config_set_no_buffering(r->wslay, 1);
	r->of = s;
	s->reader = r;
	return true;
}

/** Keep what a client that is held has sent already. */
static void keep_rest(struct websocket *s)
{
	struct conn *c = s->at.conn;
	char *rest = malloc(s->feed_len);

	if (!rest) {
		conn_drop(c);
		return;
	}
	c->rest = memcpy(rest, s->feed, s->feed_len);
	c->rest_len = s->feed_len;
	s->unread -= s->feed_len;
	s->feed_len = 0;
}

/** What the network had given to libwebsockets before it was told to read no more. */
static void add_rest(struct websocket *s, const char *data, size_t len)
{
	struct conn *c = s->at.conn;
	char *rest = realloc(c->rest, c->rest_len + len);

	if (!rest) {
		conn_drop(c);
		return;
	}
	memcpy(rest + c->rest_len, data, len);
	c->rest = rest;
	c->rest_len += len;
}

/** A message or frame has begun. */
static void watch_message(struct websocket *s)
{
	s->grown_us = s->heard_us;
	watch(s);
}

void socket_bytes(struct endpoint *e, const char *data, size_t len)
{
	struct websocket *s = socket_of(e);
	struct conn *c = e->conn;
	bool was_unfinished = is_unfinished(s);

	heard(s);
	if (s->is_held) {
		add_rest(s, data, len);
		return;
	}
	s->feed = data;
	s->feed_len = len;
	s->unread += len;
	if (!make_reader(s)) {
		conn_drop(c);
		return;
	}
	if (wslay_event_recv(s->reader->wslay))
		socket_close_with(s, WSLAY_CODE_PROTOCOL_ERROR, "");
	else if (!answer_frames(s, len))
		conn_drop(c);
	else if (!wslay_event_get_read_enabled(s->reader->wslay))
		conn_close(c);
	else if (s->feed_len)
		keep_rest(s);
	else if (!is_unfinished(s))
		return_reader(s);
	else if (!was_unfinished)
		watch_message(s);
}

/* ---- clients that are held ---- */

struct read_order {
	uint64_t id;
	bool on;
};

static void read_on(struct websocket *s)
{
	struct conn *c = s->at.conn;
	char *rest = c->rest;
	size_t len = c->rest_len;

	c->rest = NULL;
	c->rest_len = 0;
	s->grown_us = clock_now_us(); /* until now it was us who did not read */
	if (len)
		socket_bytes(&s->at, rest, len);
	free(rest);
	if (!s->is_held && c->state == CONN_OPEN)
		conn_read(c, true);
}

static void read_here(const void *rec, size_t len)
{
	const struct read_order *r = rec;
	struct websocket *s = socket_of(endpoint_get(r->id, ENDPOINT_SOCKET));
	(void)len;
	if (!s || s->is_held == !r->on)
		return;
	s->is_held = !r->on;
	if (s->is_held)
		conn_read(s->at.conn, false);
	else
		read_on(s);
}

CARDEA_API void cardea_web_read(uint64_t conn, bool on)
{
	struct read_order r = { conn, on };
	if (!on && web_is_here())
		read_here(&r, sizeof r);
	else
		cardea_web_post(read_here, &r, sizeof r);
}

CARDEA_API struct cardea_address cardea_web_address(uint64_t conn)
{
	const struct websocket *s = socket_of(endpoint_get(conn, ENDPOINT_SOCKET));
	return s ? s->address : (struct cardea_address){ 0 };
}

/* ---- silence ---- */

/** Whoever has been asked and has not answered gets no more time, however often one asks. */
static void ping(struct websocket *s, int64_t timeout_us)
{
	int64_t give_up_us = clock_now_us() + timeout_us;

	if (s->ping_open && s->give_up_us <= give_up_us)
		return;
	s->ping_open = true;
	s->give_up_us = give_up_us;
	watch(s);
	socket_write_control(s, WSLAY_PING, 0, "");
}

void socket_woken(struct endpoint *e)
{
	struct websocket *s = socket_of(e);
	if (!s)
		return;
	const struct cardea_web_place *p = &e->mount->place;
	int64_t now_us = clock_now_us(), silent_us = now_us - s->heard_us;

	if (s->is_held) { /* its word may be among what we do not read */
		int64_t wait_us = (s->ping_open ? p->ping_timeout_s : p->ping_after_s) * US_PER_S;
		conn_timer(e->conn, wait_us ? wait_us : UNFINISHED_US);
		return;
	}
	if (is_unfinished(s) && now_us + US_PER_MS >= s->grown_us + UNFINISHED_US) {
		log_debug("web", e->id, "unfinished message", "bytes=%zu", s->in_len);
		socket_close_with(s, WSLAY_CODE_POLICY_VIOLATION, "the message was not finished");
	} else if (s->ping_open && now_us + US_PER_MS >= s->give_up_us) {
		log_debug("web", e->id, "no pong", "silent_ms=%lld",
			(long long)(silent_us / US_PER_MS));
		conn_drop(e->conn);
	} else if (!s->ping_open && pings(s) &&
		   silent_us + US_PER_MS >= p->ping_after_s * US_PER_S) {
		ping(s, p->ping_timeout_s * US_PER_S);
	} else {
		watch(s);
	}
}

struct probing {
	uint64_t id;
	unsigned timeout_ms;
};

static void probe_here(const void *rec, size_t len)
{
	const struct probing *r = rec;
	struct websocket *s = socket_of(endpoint_get(r->id, ENDPOINT_SOCKET));
	(void)len;
	if (!s)
		return;
	s->is_probed = true;
	ping(s, r->timeout_ms * US_PER_MS);
}

CARDEA_API void cardea_web_probe(uint64_t conn, unsigned timeout_ms)
{
	struct probing r = { conn, timeout_ms };
	cardea_web_post(probe_here, &r, sizeof r);
}
