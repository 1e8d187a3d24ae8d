/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "socket.h"

#define MAX_WAITING (8u << 20)   /* bytes for a client that does not read */
#define MAX_SKIPPED (64u << 20)  /* bytes of a message too long */
#define BURST (32u << 10)        /* bytes written at once */
#define BURSTS_PER_TURN 4        /* then the others have theirs */
#define HEAD_MAX 10              /* bytes of a frame before its text */

struct out {
	struct out *next;
	struct cardea_text *text;
};

struct socket {
	struct conn conn;
	char *in;                /* the message so far */
	size_t in_len, in_cap;
	size_t skipped;          /* not 0: the message is too long, and so much of it has come */
	struct out *first, **end;
	size_t waiting;          /* bytes */
	struct socket *next_due, **prev_due; /* among those with something to write; prev_due NULL: not */
	unsigned close_code;     /* not 0: close when all is sent */
	bool dead;               /* being dropped or closed: nothing more goes in or out */
	bool ping_due, ping_open; /* to be sent; sent and not answered */
	bool is_probed;          /* the mount waits for a sign of life */
	int64_t heard_us;
};

static struct socket *due;

static struct socket *socket_of(struct seat *seat)
{
	return seat && seat->conn && seat->conn->kind == CONN_SOCKET ? (struct socket *)seat->conn : NULL;
}

static void set_due(struct socket *s)
{
	if (s->prev_due)
		return;
	if ((s->next_due = due))
		due->prev_due = &s->next_due;
	s->prev_due = &due;
	due = s;
}

static void clear_due(struct socket *s)
{
	if (!s->prev_due)
		return;
	if ((*s->prev_due = s->next_due))
		s->next_due->prev_due = s->prev_due;
	s->prev_due = NULL;
}

static const struct mount *find_mount(struct lws *wsi, const char *offered)
{
	char path[256], local[64];

	conn_local_ip(wsi, local, sizeof local);
	conn_header(wsi, WSI_TOKEN_GET_URI, path, sizeof path);
	return listen_socket(listen_of(wsi), offered, path, local);
}

int socket_confirm(struct lws *wsi)
{
	char offered[512], origin[512];
	const struct mount *m;

	conn_header(wsi, WSI_TOKEN_PROTOCOL, offered, sizeof offered);
	if (lws_hdr_total_length(wsi, WSI_TOKEN_PROTOCOL) >= (int)sizeof offered ||
		!(m = find_mount(wsi, offered))) {
		lws_return_http_status(wsi, HTTP_STATUS_BAD_REQUEST, NULL);
		return 1;
	}
	conn_header(wsi, WSI_TOKEN_ORIGIN, origin, sizeof origin);
	if (m->place.enforce_origin && m->place.allow_origin &&
		strncmp(origin, m->place.allow_origin, strlen(m->place.allow_origin))) {
		lws_return_http_status(wsi, HTTP_STATUS_FORBIDDEN, NULL);
		return 1;
	}
	return 0;
}

int socket_headers(struct lws *wsi, struct lws_process_html_args *args)
{
	char offered[512];
	const struct mount *m = find_mount(wsi, conn_header(wsi, WSI_TOKEN_PROTOCOL, offered,
		sizeof offered));
	const char *allow = m && m->place.allow_origin ? m->place.allow_origin : "*";
	unsigned char *p = (unsigned char *)args->p;

	if (lws_add_http_header_by_name(wsi, (const unsigned char *)"access-control-allow-origin:",
		(const unsigned char *)allow, (int)strlen(allow), &p, p + args->max_len))
		return 1;
	args->p = (char *)p;
	return 0;
}

static bool pings(const struct socket *s)
{
	return s->conn.mount->place.ping_after_s && s->conn.mount->place.ping_timeout_s;
}

static void watch_silence(struct socket *s)
{
	if (pings(s))
		lws_set_timer_usecs(s->conn.wsi, s->conn.mount->place.ping_after_s * US_PER_S);
}

static void tell_opened(const struct socket *s, const char *ip)
{
	char path[256], query[CONN_QUERY];
	struct cardea_web_peer who = { .size = sizeof who, .ip = ip, .path = path, .query = query };

	conn_header(s->conn.wsi, WSI_TOKEN_GET_URI, path, sizeof path);
	conn_query(s->conn.wsi, query, sizeof query);
	s->conn.mount->socket.opened(s->conn.mount->arg, s->conn.id, &who);
}

int socket_opened(struct lws *wsi, struct seat *seat)
{
	char offered[512] = "", forwarded[512], ip[64];
	const struct lws_protocols *p = lws_get_protocol(wsi);
	const struct mount *m = find_mount(wsi, p->name[0] && !strchr(p->name, ' ') ? p->name : offered);
	struct socket *s;

	conn_peer_ip(wsi, ip, sizeof ip);
	conn_header(wsi, WSI_TOKEN_X_FORWARDED_FOR, forwarded, sizeof forwarded);
	if (!m || !mount_admits(m, ip, forwarded) || !(s = calloc(1, sizeof *s)))
		return -1;
	if (!conn_name(&s->conn, CONN_SOCKET, wsi)) {
		free(s);
		return -1;
	}
	s->conn.mount = m;
	s->end = &s->first;
	s->heard_us = clock_now_us();
	seat->conn = &s->conn;
	metric_add(&web_sockets, 1);
	watch_silence(s);
	tell_opened(s, ip);
	return 0;
}

void socket_closed(struct seat *seat)
{
	struct socket *s = socket_of(seat);
	if (!s)
		return;
	seat->conn = NULL;
	clear_due(s);
	uint64_t id = s->conn.id;
	conn_unname(&s->conn);
	metric_add(&web_sockets, (uint64_t)-1);
	s->conn.mount->socket.closed(s->conn.mount->arg, id);
	for (struct out *o = s->first, *next; o; o = next) {
		next = o->next;
		cardea_text_drop(o->text);
		free(o);
	}
	free(s->in);
	free(s);
}

/** The answer to an event of libwebsockets that ends a connection. It may live on until its client has closed too, but
 *  after a close frame there must not be another. */
static int finish(struct socket *s)
{
	s->dead = true;
	return -1;
}

void socket_ending(struct seat *seat)
{
	struct socket *s = socket_of(seat);
	if (s)
		s->dead = true;
}

/** libwebsockets must not lose a connection under its own feet: a time-out of now, served from its loop. */
static void drop(struct socket *s)
{
	s->dead = true;
	lws_set_timeout(s->conn.wsi, PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_ASYNC);
}

/* ---- in ---- */

static bool take(struct socket *s, const char *data, size_t len)
{
	if (s->in_len + len + 1 > s->in_cap) {
		size_t cap = s->in_len + len + 1;
		if (s->in_len) /* a fragment has come before: more are likely */
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

/** A message is too long: read over the rest of it, so that the close frame reaches a client that is still sending. */
static int skip(struct socket *s, size_t len, bool whole)
{
	if (!s->skipped && conn_may_log())
		log_warn("web", s->conn.id, "message too long", "limit=%zu", cardea_max_message());
	free(s->in);
	s->in = NULL;
	s->in_len = s->in_cap = 0;
	s->skipped += len + 1;
	if (!whole && s->skipped < MAX_SKIPPED)
		return 0;
	lws_close_reason(s->conn.wsi, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE,
		(unsigned char *)"message too long", 16);
	return finish(s);
}

/** Anything that comes shows that somebody is there. */
static void heard(struct socket *s)
{
	const struct mount *m = s->conn.mount;

	s->heard_us = clock_now_us();
	s->ping_open = false;
	if (s->is_probed && m->socket.alive)
		m->socket.alive(m->arg, s->conn.id);
	s->is_probed = false;
}

int socket_received(struct seat *seat, const char *data, size_t len)
{
	struct socket *s = socket_of(seat);
	if (!s || s->dead)
		return s ? 0 : -1;
	heard(s);
	bool whole = lws_is_final_fragment(s->conn.wsi) && !lws_remaining_packet_payload(s->conn.wsi);
	if (s->skipped || s->in_len + len > cardea_max_message())
		return skip(s, len, whole);
	if (!take(s, data, len))
		return finish(s);
	if (!whole)
		return 0;
	metric_add(&web_messages_in, 1);
	const struct mount *m = s->conn.mount;
	char *in = s->in;
	size_t in_len = s->in_len;
	s->in = NULL; /* an idle connection keeps no buffer */
	s->in_len = s->in_cap = 0;
	m->socket.message(m->arg, s->conn.id, in, in_len);
	free(in);
	return 0;
}

/* ---- silence ---- */

void socket_ponged(struct seat *seat)
{
	struct socket *s = socket_of(seat);
	if (s)
		heard(s);
}

static void ping(struct socket *s, int64_t timeout_us)
{
	s->ping_due = s->ping_open = true;
	lws_callback_on_writable(s->conn.wsi);
	lws_set_timer_usecs(s->conn.wsi, timeout_us);
}

int socket_timer(struct seat *seat)
{
	struct socket *s = socket_of(seat);
	if (!s)
		return 0;
	if (s->close_code && !s->first) {
		lws_close_reason(s->conn.wsi, (enum lws_close_status)s->close_code, NULL, 0);
		return finish(s);
	}
	const struct cardea_web_place *p = &s->conn.mount->place;
	int64_t now_us = clock_now_us(), silent_us = now_us - s->heard_us;
	int64_t after_us = p->ping_after_s * US_PER_S;

	if (s->ping_open) {
		log_debug("web", s->conn.id, "no pong", "silent_ms=%lld", (long long)(silent_us / US_PER_MS));
		return finish(s);
	}
	if (!pings(s))
		return 0;
	if (silent_us + US_PER_MS < after_us)
		lws_set_timer_usecs(s->conn.wsi, after_us - silent_us);
	else
		ping(s, p->ping_timeout_s * US_PER_S);
	return 0;
}

struct probing {
	uint64_t id;
	unsigned timeout_ms;
};

static void probe_here(const void *rec, size_t len)
{
	const struct probing *r = rec;
	struct socket *s = (struct socket *)conn_get(r->id, CONN_SOCKET);
	(void)len;
	if (!s || s->dead || s->close_code)
		return;
	s->is_probed = true;
	ping(s, r->timeout_ms * US_PER_MS);
}

CARDEA_API void cardea_web_probe(uint64_t conn, unsigned timeout_ms)
{
	struct probing r = { conn, timeout_ms };
	cardea_web_post(probe_here, &r, sizeof r);
}

/* ---- out ---- */

static size_t put_frame(unsigned char *at, const struct cardea_text *t)
{
	unsigned n_len = t->len < 126 ? 0 : t->len < 65536 ? 2 : 8, n = 0;

	at[n++] = 0x81; /* RFC 6455, section 5.2: the only frame of a text */
	at[n++] = (unsigned char)(n_len == 0 ? t->len : n_len == 2 ? 126 : 127);
	while (n_len--)
		at[n++] = (unsigned char)(t->len >> 8 * n_len);
	memcpy(at + n, t->data, t->len);
	return n + t->len;
}

static void take_first(struct socket *s)
{
	struct out *o = s->first;

	if (!(s->first = o->next))
		s->end = &s->first;
	s->waiting -= o->text->len;
	metric_add(&web_messages_out, 1);
	metric_add(&web_bytes_out, o->text->len);
	cardea_text_drop(o->text);
	free(o);
}

/** Many small messages leave with one system call: they are framed here, and libwebsockets, with which no extension has
 *  been agreed, hands them on as they are. What the network does not take it keeps. */
static bool write_burst(struct socket *s)
{
	size_t len = 0, first_len = HEAD_MAX + s->first->text->len;
	unsigned char *buf = conn_scratch(first_len > BURST ? first_len : BURST);

	if (!buf)
		return false;
	do {
		len += put_frame(buf + len, s->first->text);
		take_first(s);
	} while (s->first && len + HEAD_MAX + s->first->text->len <= BURST);
	return lws_write(s->conn.wsi, buf, len, LWS_WRITE_RAW) >= (int)len;
}

static bool write_ping(struct socket *s)
{
	unsigned char *buf = conn_scratch(1);

	s->ping_due = false;
	if (!buf)
		return false;
	buf[0] = '?'; /* libwebsockets does not tell of an empty pong */
	return lws_write(s->conn.wsi, buf, 1, LWS_WRITE_PING) >= 0;
}

static bool write_waiting(struct socket *s)
{
	clear_due(s);
	for (int i = 0; s->first && i < BURSTS_PER_TURN && !lws_partial_buffered(s->conn.wsi); i++)
		if (!write_burst(s))
			return false;
	if (s->first)
		lws_callback_on_writable(s->conn.wsi);
	else if (s->close_code)
		lws_set_timer_usecs(s->conn.wsi, 1); /* ended here, the connection would get no close frame */
	return true;
}

int socket_writable(struct seat *seat)
{
	struct socket *s = socket_of(seat);
	if (!s || s->dead)
		return s ? 0 : -1;
	return (!s->ping_due || write_ping(s)) && write_waiting(s) ? 0 : finish(s);
}

void socket_flush(void)
{
	struct socket *s;

	while ((s = due)) {
		clear_due(s);
		if (!s->dead && !write_waiting(s))
			drop(s);
	}
}

struct sending {
	uint64_t id;
	struct cardea_text *text;
};

static void send_here(const void *rec, size_t len)
{
	const struct sending *r = rec;
	struct socket *s = (struct socket *)conn_get(r->id, CONN_SOCKET);
	struct out *o = s && !s->dead && !s->close_code ? malloc(sizeof *o) : NULL;

	(void)len;
	if (!o) {
		cardea_text_drop(r->text);
		return;
	}
	*o = (struct out){ NULL, r->text };
	*s->end = o;
	s->end = &o->next;
	s->waiting += r->text->len;
	if (s->waiting > MAX_WAITING && s->first != o) {
		metric_add(&web_too_slow, 1);
		if (conn_may_log())
			log_warn("web", s->conn.id, "client does not read: dropped", "waiting=%zu", s->waiting);
		drop(s);
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
	struct socket *s = (struct socket *)conn_get(r->id, CONN_SOCKET);
	(void)len;
	if (!s)
		return;
	if (!s->close_code)
		s->close_code = r->code;
	lws_callback_on_writable(s->conn.wsi);
}

CARDEA_API void cardea_web_close(uint64_t conn, unsigned code)
{
	struct closing r = { conn, code };
	cardea_web_post(close_here, &r, sizeof r);
}
