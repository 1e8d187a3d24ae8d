/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "access.h"
#include "answer.h"
#include "bulk.h"
#include "exchange.h"
#include "files.h"
#include "health.h"
#include "http.h"
#include "posts.h"
#include "static.h"

#define BODY_S      60          /* to send a body */
#define ANSWER_S    10          /* to answer, unless cardea_web_hold() says otherwise */
#define KEEPALIVE_S 120         /* an idle connection */
#define STALL_S     30          /* that the network takes nothing of an answer */
#define PIECE       (64u << 10) /* bytes of an answer that are handed over at once */
#define PIECES      16          /* at most, before the others have their turn */
#define MAX_PATH    1024

struct exchange {
	struct endpoint at;
	bool was_asked, is_answered;
	bool takes;   /* a body */
	bool is_head; /* its answer has no body */
	bool closes;  /* the connection, behind the answer */
	bool is_1_0;
	bool is_held; /* a long poll: its client may have left unnoticed */
	int refused;
	struct visitor visitor;
	struct answer answer;
	int64_t sent;     /* bytes of its body, as far as the network has taken them */
	struct bulk bulk; /* the body of the request, then that of the answer */
};

static const struct web_conf *conf;

void exchange_configure(const struct web_conf *c)
{
	conf = c;
}

static struct exchange *exchange_of(struct endpoint *e)
{
	return e && e->kind == ENDPOINT_EXCHANGE ? (struct exchange *)e : NULL;
}

bool exchange_waits(const struct endpoint *e)
{
	const struct exchange *x = (const struct exchange *)e;
	return e && e->kind == ENDPOINT_EXCHANGE && (x->was_asked || x->is_answered);
}

/** The end of the exchange, and of what the mount hears of it. */
static void finish(struct exchange *x, bool delivered)
{
	uint64_t id = x->at.id;
	const struct mount *m = x->at.mount;

	http_forget(x->at.conn->http);
	bulk_set(&x->bulk, 0);
	endpoint_end(&x->at);
	if (m && x->was_asked && m->pages.ended)
		m->pages.ended(m->arg, id, delivered);
	answer_clear(&x->answer);
	free(x);
}

void exchange_closed(struct endpoint *e)
{
	finish(exchange_of(e), false);
}

/* ---- the answer ---- */

static size_t print_origin(char *out, size_t size, const struct visitor *v)
{
	bool is_one = v->allow_origin[0] != '*';

	return (size_t)snprintf(out, size,
		"Access-Control-Allow-Origin: %.*s\r\n"
		"Access-Control-Max-Age: 86400\r\n%s",
		(int)v->allow_origin_len, v->allow_origin,
		is_one ? "Access-Control-Allow-Credentials: true\r\nVary: Origin\r\n" : "");
}

static size_t print_head(char *out, size_t size, const struct exchange *x)
{
	const struct answer *a = &x->answer;
	bool bodiless = a->status == 304 || a->status == 204;
	size_t n = (size_t)snprintf(out, size, "HTTP/1.1 %d %s\r\nDate: %s\r\n%s", a->status,
		answer_phrase(a->status), answer_date(), a->headers ? a->headers : "");

	if (n < size && a->type)
		n += (size_t)snprintf(out + n, size - n, "Content-Type: %s\r\n", a->type);
	if (n < size && x->visitor.allow_origin)
		n += print_origin(out + n, size - n, &x->visitor);
	if (n < size && !bodiless)
		n += (size_t)snprintf(
			out + n, size - n, "Content-Length: %lld\r\n", (long long)answer_len(a));
	if (n < size && x->closes)
		n += (size_t)snprintf(out + n, size - n, "Connection: close\r\n");
	else if (n < size && x->is_1_0)
		n += (size_t)snprintf(out + n, size - n, "Connection: keep-alive\r\n");
	if (n < size)
		n += (size_t)snprintf(out + n, size - n, "\r\n");
	return n;
}

static int64_t body_len(const struct exchange *x)
{
	const struct answer *a = &x->answer;
	return a->status == 304 || a->status == 204 || x->is_head ? 0 : answer_len(a);
}

/** What it keeps in memory. */
static size_t kept_len(const struct exchange *x)
{
	return x->answer.has_file ? 0 : (size_t)body_len(x);
}

/** The head, if any, and as much of the body as goes at once. @return false: the connection is
 *  being dropped */
static bool write_piece(struct exchange *x, const char *head, size_t head_len)
{
	int64_t left = body_len(x) - x->sent;
	size_t len = left < PIECE ? (size_t)left : PIECE;
	unsigned char *buf = conn_scratch(head_len + len);

	/* a file that has become shorter cannot be told of any more: the length is */
	if (!buf || (len && !answer_read(&x->answer, x->sent, buf + head_len, len))) {
		conn_drop(x->at.conn);
		return false;
	}
	memcpy(buf, head, head_len);
	x->sent += (int64_t)len;
	metric_add(&web_bytes_out, head_len + len);
	return conn_write(x->at.conn, buf, head_len + len);
}

/** All of the answer is with the network. */
static void done(struct exchange *x)
{
	struct conn *c = x->at.conn;
	bool closes = x->closes;

	finish(x, true);
	if (closes) {
		conn_close(c);
		return;
	}
	conn_timer(c, KEEPALIVE_S * US_PER_S);
	if (c->rest_len)
		conn_want_write(c); /* to read on from there */
	else
		conn_read(c, true);
}

/** The rest, as the network takes it: who does not read its answers is read no more, and takes no
 *  memory. Nobody may use @p x behind this. */
static void write_on(struct exchange *x)
{
	struct conn *c = x->at.conn;

	for (int i = 0; x->sent < body_len(x) && !conn_is_full(c) && i < PIECES; i++)
		if (!write_piece(x, "", 0))
			return; /* its end comes with the connection's */
	if (x->sent == body_len(x) && !conn_is_full(c)) {
		done(x);
		return;
	}
	conn_timer(c, STALL_S * US_PER_S);
	conn_want_write(c);
}

/** Write the answer, and be done. Nobody may use @p x behind this. */
static void answer(struct exchange *x)
{
	char head[8192];
	size_t len = print_head(head, sizeof head, x);

	x->is_answered = true;
	if (len >= sizeof head || (x->is_held && conn_has_left(x->at.conn)) ||
		!bulk_set(&x->bulk, kept_len(x)))
		conn_drop(x->at.conn);
	else if (write_piece(x, head, len))
		write_on(x);
}

void exchange_writable(struct endpoint *e)
{
	struct exchange *x = exchange_of(e);
	if (x->is_answered)
		write_on(x);
}

static void answer_own(struct exchange *x, const char *path)
{
	const struct head *h = http_head(x->at.conn->http);
	const struct listener *l = x->at.conn->listener;
	bool is_web = listen_is_web(l);

	if (!is_web || (!health_serve(&x->answer, conf->control, h->method, path) &&
			       !files_serve(&x->answer, h, path))) {
		if (is_web)
			static_serve(&x->answer, conf->root, h->method, path,
				head_get(h, "If-None-Match"));
		else
			answer_set(&x->answer, listen_is_socket_only(l) ? 403 : 404,
				"Access-Control-Allow-Origin: *\r\n", NULL, NULL);
	}
	answer(x);
}

/* ---- the request ---- */

static struct exchange *begin(struct conn *c)
{
	struct exchange *x = calloc(1, sizeof *x);

	if (!x || !endpoint_begin(&x->at, ENDPOINT_EXCHANGE, c)) {
		free(x);
		conn_drop(c);
		return NULL;
	}
	return x;
}

void exchange_refuse(struct conn *c, int status, const char *reason)
{
	/* RFC 6455, 4.4, and RFC 9110, 15.5.22 */
	static const char what_we_speak[] =
		"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n";
	struct exchange *x = exchange_of(c->at);

	if (!x && !(x = begin(c)))
		return;
	x->closes = true;
	answer_set(&x->answer, status, status == 426 ? what_we_speak : NULL,
		reason ? "text/plain; charset=utf-8" : NULL,
		reason ? cardea_web_text(reason, strlen(reason)) : NULL);
	answer(x);
}

/** What becomes of the body. @return false: it has been answered already */
static bool read_length(struct exchange *x, const struct head *h)
{
	struct http *http = x->at.conn->http;
	bool expects = head_lists(h, "Expect", "100-continue");

	x->takes = !strcmp(h->method, "POST") || !strcmp(h->method, "PUT") ||
		   !strcmp(h->method, "PATCH");
	if (http_length(http) > conf->max_message)
		x->refused = 413;
	if (x->refused == 413 && (expects || http_length(http) > HTTP_SKIPPED)) {
		exchange_refuse(x->at.conn, 413, NULL);
		return false;
	}
	http_take(http, x->takes && !x->refused ? conf->max_message : 0);
	if (http_has_body(http))
		conn_timer(x->at.conn, BODY_S * US_PER_S);
	if (expects && http_has_body(http) && !h->is_1_0) {
		static const char go[] = "HTTP/1.1 100 Continue\r\n\r\n";
		unsigned char *buf = conn_scratch(sizeof go - 1);
		if (buf)
			conn_write(x->at.conn, memcpy(buf, go, sizeof go - 1), sizeof go - 1);
	}
	return true;
}

/** Find what it is for, and whether it may have that. @return false: it has been answered, or
 *  dropped */
static bool is_admitted(struct exchange *x, const struct head *h, const char *path)
{
	struct conn *c = x->at.conn;
	char local[64];
	int status;

	conn_local_ip(c, local, sizeof local);
	x->at.mount = listen_path(c->listener, path, local);
	status = access_check(c->listener, x->at.mount, c->ip, h, &x->visitor);
	const struct cardea_address whose = cardea_address(x->visitor.ip);
	bulk_begin(&x->bulk, &whose);
	if (status == ACCESS_DROP)
		conn_drop(c);
	else if (status)
		exchange_refuse(c, status, x->visitor.reason);
	return !status;
}

void exchange_begin(struct conn *c)
{
	const struct head *h = http_head(c->http);
	char path[MAX_PATH];
	struct exchange *x = begin(c);

	if (!x)
		return;
	x->is_head = !strcmp(h->method, "HEAD");
	x->is_1_0 = h->is_1_0;
	x->closes = !http_keeps_alive(c->http);
	if (!head_path(h, path, sizeof path))
		exchange_refuse(c, strlen(head_target(h)) < sizeof path ? 400 : 414, NULL);
	else if (is_admitted(x, h, path))
		read_length(x, h);
}

void exchange_more(struct conn *c)
{
	struct exchange *x = exchange_of(c->at);
	size_t len;

	http_body(c->http, &len);
	if (!bulk_set(&x->bulk, len))
		exchange_refuse(c, 503, NULL);
}

void exchange_whole(struct conn *c)
{
	struct exchange *x = exchange_of(c->at);
	const struct head *h = http_head(c->http);
	const struct mount *m = x->at.mount;
	char path[MAX_PATH];
	size_t body_len;
	const char *body = http_body(c->http, &body_len);

	metric_add(&web_requests, 1);
	conn_timer(c, ANSWER_S * US_PER_S);
	x->was_asked = true;
	head_path(h, path, sizeof path);
	if (x->takes && (http_is_over(c->http) || !body_len))
		x->refused = http_is_over(c->http) ? 413 : 400;
	x->closes |= x->refused != 0;
	if (!m) {
		answer_own(x, path);
		return;
	}
	metric_add(&web_messages_in, body_len ? 1 : 0);
	const struct cardea_web_request r = { .size = sizeof r,
		.id = x->at.id,
		.method = h->method,
		.path = path + strlen(m->name),
		.query = head_query(h),
		.ip = x->visitor.ip,
		.origin = head_get(h, "Origin"),
		.referer = head_get(h, "Referer"),
		.authorization = head_get(h, "Authorization"),
		.content_type = head_get(h, "Content-Type"),
		.ask_method = head_get(h, "Access-Control-Request-Method"),
		.ask_headers = head_get(h, "Access-Control-Request-Headers"),
		.secure = listen_is_secure(c->listener),
		.body = x->refused ? "" : body,
		.body_len = x->refused ? 0 : body_len,
		.refused = x->refused };
	uint64_t id = x->at.id;
	m->pages.request(m->arg, &r);
	if (endpoint_get(id, ENDPOINT_EXCHANGE)) {
		http_forget(c->http);
		if (!x->is_answered)
			bulk_set(&x->bulk, 0);
	}
}

void exchange_late(struct endpoint *e)
{
	struct exchange *x = exchange_of(e);

	if (!x->was_asked || x->is_answered)
		conn_drop(e->conn);
	else
		e->mount->pages.late(e->mount->arg, e->id);
}

/* ---- for mounts ---- */

struct answering {
	uint64_t id;
	struct answer answer;
};

static void answer_here(const void *rec, size_t len)
{
	struct answering r = *(const struct answering *)rec;
	struct exchange *x = exchange_of(endpoint_get(r.id, ENDPOINT_EXCHANGE));
	(void)len;
	if (!x || !x->was_asked || x->is_answered || x->at.conn->state != CONN_OPEN) {
		answer_clear(&r.answer);
		return;
	}
	x->answer = r.answer;
	answer(x);
}

CARDEA_API void cardea_web_answer(
	uint64_t id, int status, const char *headers, const char *type, struct cardea_text *body)
{
	struct answering r = { .id = id };
	answer_set(&r.answer, status, headers, type, body);
	if (web_is_here())
		answer_here(&r, sizeof r);
	else if (!cardea_web_post(answer_here, &r, sizeof r))
		answer_clear(&r.answer);
}

CARDEA_API bool cardea_web_hold(uint64_t id, unsigned ms)
{
	OWNED_BY(web_owner());
	struct exchange *x = exchange_of(endpoint_get(id, ENDPOINT_EXCHANGE));
	if (!x || !x->was_asked || x->is_answered)
		return false;
	x->is_held = true;
	conn_timer(x->at.conn, ms * US_PER_MS);
	return true;
}

CARDEA_API void cardea_web_drop(uint64_t id)
{
	OWNED_BY(web_owner());
	struct exchange *x = exchange_of(endpoint_get(id, ENDPOINT_EXCHANGE));
	if (x)
		conn_drop(x->at.conn);
}
