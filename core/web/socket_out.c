/* SPDX-License-Identifier: Apache-2.0 */
#include "socket_out.h"
#include <stdlib.h>
#include <string.h>
#include "../base/log.h"
#include "../base/log_rate.h"
#include "posts.h"

#define MAX_WAITING     (8u << 20)  /* bytes for a client that does not read */
#define BURST           (32u << 10) /* bytes written at once */
#define BURSTS_PER_TURN 4           /* then the others have theirs */
#define FRAME_HEAD      10          /* bytes of a frame before its text */

static struct websocket *due;

static void set_due(struct websocket *s)
{
	if (s->prev_due)
		return;
	if ((s->next_due = due))
		due->prev_due = &s->next_due;
	s->prev_due = &due;
	due = s;
}

static void clear_due(struct websocket *s)
{
	if (!s->prev_due)
		return;
	if ((*s->prev_due = s->next_due))
		s->next_due->prev_due = s->prev_due;
	s->prev_due = NULL;
}

/* ---- control frames ---- */

bool socket_write_control(struct websocket *s, uint8_t opcode, unsigned code, const char *reason)
{
	size_t n = 2, reason_len = strlen(reason);
	unsigned char *buf = conn_scratch(4 + reason_len);

	if (!buf)
		return false;
	buf[0] = 0x80 | opcode;
	if (code) {
		buf[n++] = (unsigned char)(code >> 8);
		buf[n++] = (unsigned char)code;
		memcpy(buf + n, reason, reason_len);
		n += reason_len;
	}
	buf[1] = (unsigned char)(n - 2);
	return conn_write(s->at.conn, buf, n);
}

void socket_close_with(struct websocket *s, unsigned code, const char *reason)
{
	if (socket_write_control(s, WSLAY_CONNECTION_CLOSE, code, reason))
		conn_close(s->at.conn);
}

/* ---- texts ---- */

static size_t put_frame(unsigned char *at, const struct cardea_text *t)
{
	unsigned n_len = socket_len_bytes(t->len), n = 0;

	at[n++] = 0x81; /* RFC 6455, section 5.2: the only frame of a text */
	at[n++] = (unsigned char)t->len;
	if (n_len)
		at[n - 1] = n_len == 2 ? 126 : 127;
	while (n_len--)
		at[n++] = (unsigned char)(t->len >> 8 * n_len);
	memcpy(at + n, t->data, t->len);
	return n + t->len;
}

static void take_first(struct websocket *s)
{
	struct unsent *o = s->first;

	if (!(s->first = o->next))
		s->end = &s->first;
	s->waiting -= o->text->len;
	socket_keeps(s);
	metric_add(&web_messages_out, 1);
	metric_add(&web_bytes_out, o->text->len);
	cardea_text_drop(o->text);
	free(o);
}

/** Many small messages leave with one system call. */
static bool write_burst(struct websocket *s)
{
	size_t len = 0, first_len = FRAME_HEAD + s->first->text->len;
	unsigned char *buf = conn_scratch(first_len > BURST ? first_len : BURST);

	if (!buf)
		return false;
	do {
		len += put_frame(buf + len, s->first->text);
		take_first(s);
	} while (s->first && len + FRAME_HEAD + s->first->text->len <= BURST);
	return conn_write(s->at.conn, buf, len);
}

static void write_waiting(struct websocket *s)
{
	struct conn *c = s->at.conn;

	clear_due(s);
	if (c->state != CONN_OPEN)
		return;
	for (int i = 0; s->first && i < BURSTS_PER_TURN && !conn_is_full(c); i++)
		if (!write_burst(s)) {
			conn_drop(c);
			return;
		}
	if (s->first) {
		conn_want_write(c);
	} else if (s->close_code) {
		socket_close_with(s, s->close_code, "");
	}
}

void socket_forget_out(struct websocket *s)
{
	clear_due(s);
	for (struct unsent *o = s->first, *next; o; o = next) {
		next = o->next;
		cardea_text_drop(o->text);
		free(o);
	}
}

void socket_writable(struct endpoint *e)
{
	struct websocket *s = socket_of(e);
	if (s)
		write_waiting(s);
}

void socket_flush(void)
{
	while (due)
		write_waiting(due);
}

struct sending {
	uint64_t id;
	struct cardea_text *text;
};

static void send_here(const void *rec, size_t len)
{
	const struct sending *r = rec;
	struct websocket *s = socket_of(endpoint_get(r->id, ENDPOINT_SOCKET));
	struct unsent *o = s && !s->close_code ? malloc(sizeof *o) : NULL;

	(void)len;
	if (!o) {
		cardea_text_drop(r->text);
		return;
	}
	*o = (struct unsent){ NULL, r->text };
	*s->end = o;
	s->end = &o->next;
	s->waiting += r->text->len;
	if ((s->waiting > MAX_WAITING || !socket_keeps(s)) && s->first != o) {
		metric_add(&web_too_slow, 1);
		if (log_seldom())
			log_warn("web", s->at.id, "client does not read: dropped", "waiting=%zu",
				s->waiting);
		conn_drop(s->at.conn);
		return;
	}
	set_due(s);
}

CARDEA_API void cardea_web_send(uint64_t conn, struct cardea_text *text)
{
	struct sending r = { conn, text };
	if (!cardea_web_post(send_here, &r, sizeof r))
		cardea_text_drop(text);
}

struct closing {
	uint64_t id;
	unsigned code;
};

static void close_here(const void *rec, size_t len)
{
	const struct closing *r = rec;
	struct websocket *s = socket_of(endpoint_get(r->id, ENDPOINT_SOCKET));
	(void)len;
	if (!s || s->close_code)
		return;
	s->close_code = r->code;
	set_due(s);
}

CARDEA_API void cardea_web_close(uint64_t conn, unsigned code)
{
	struct closing r = { conn, code };
	cardea_web_post(close_here, &r, sizeof r);
}
