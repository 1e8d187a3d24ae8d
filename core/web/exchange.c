/* SPDX-License-Identifier: Apache-2.0 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "answer.h"
#include "exchange.h"
#include "health.h"
#include "static.h"

#define BODY_S 60            /* to send a body */
#define ANSWER_S 10          /* to answer, unless cardea_web_hold() says otherwise */
#define MAX_PATH 1024
#define MAX_VALUE 1024       /* other headers */
#define MAX_SKIPPED (64u << 20) /* bytes of a refused body that are read over, so that the answer arrives */

enum phase { READING, ASKED, ANSWERED, WRITTEN };

/** What the request said; forgotten once the mount has been asked. */
struct said {
	char path[MAX_PATH], query[CONN_QUERY];
	char origin[MAX_VALUE], referer[MAX_VALUE], authorization[MAX_VALUE], content_type[256];
	char ask_method[64], ask_headers[MAX_VALUE], etag[256];
	char ip[64];
	char *body;
	size_t body_len, body_cap;
};

struct exchange {
	struct conn conn;
	enum phase phase;
	const char *method;
	struct said *said;
	int refused;
	bool skips_body;         /* a body that is not taken */
	bool is_held;            /* a long poll: its client may have left unnoticed */
	uint64_t left;           /* bytes of the body to come */
	struct answer answer;
};

static const struct web_conf *conf;

void exchange_configure(const struct web_conf *c)
{
	conf = c;
}

static struct exchange *exchange_of(struct seat *seat)
{
	return seat && seat->conn && seat->conn->kind == CONN_EXCHANGE ? (struct exchange *)seat->conn : NULL;
}

static void forget_said(struct exchange *x)
{
	if (x->said)
		free(x->said->body);
	free(x->said);
	x->said = NULL;
}

/** The last word to the mount, and the end of the exchange. */
static void finish(struct exchange *x, bool delivered)
{
	uint64_t id = x->conn.id;
	const struct mount *m = x->conn.mount;
	bool asked = x->phase != READING;

	conn_unname(&x->conn);
	if (m && asked && m->pages.ended)
		m->pages.ended(m->arg, id, delivered);
	forget_said(x);
	answer_clear(&x->answer);
	free(x);
}

void exchange_closed(struct seat *seat)
{
	struct exchange *x = exchange_of(seat);
	if (!x)
		return;
	seat->conn = NULL;
	finish(x, false);
}

/* ---- the request ---- */

static const char *method_of(struct lws *wsi, char *path, size_t size)
{
	static const struct {
		enum lws_token_indexes token;
		const char *name;
	} methods[] = { { WSI_TOKEN_GET_URI, "GET" }, { WSI_TOKEN_POST_URI, "POST" },
		{ WSI_TOKEN_OPTIONS_URI, "OPTIONS" }, { WSI_TOKEN_PUT_URI, "PUT" },
		{ WSI_TOKEN_PATCH_URI, "PATCH" }, { WSI_TOKEN_DELETE_URI, "DELETE" },
		{ WSI_TOKEN_HEAD_URI, "HEAD" } };

	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (lws_hdr_total_length(wsi, methods[i].token) > 0 &&
			lws_hdr_copy(wsi, path, (int)size, methods[i].token) > 0)
			return methods[i].name;
	return NULL;
}

static void read_custom(struct lws *wsi, const char *name, char *out, size_t size)
{
	if (lws_hdr_custom_copy(wsi, out, (int)size, name, (int)strlen(name)) < 0)
		out[0] = '\0';
}

static void read_headers(struct lws *wsi, struct said *s)
{
	conn_query(wsi, s->query, sizeof s->query);
	conn_header(wsi, WSI_TOKEN_ORIGIN, s->origin, sizeof s->origin);
	conn_header(wsi, WSI_TOKEN_HTTP_REFERER, s->referer, sizeof s->referer);
	conn_header(wsi, WSI_TOKEN_HTTP_AUTHORIZATION, s->authorization, sizeof s->authorization);
	conn_header(wsi, WSI_TOKEN_HTTP_CONTENT_TYPE, s->content_type, sizeof s->content_type);
	conn_header(wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH, s->etag, sizeof s->etag);
	conn_header(wsi, WSI_TOKEN_HTTP_AC_REQUEST_HEADERS, s->ask_headers, sizeof s->ask_headers);
	read_custom(wsi, "access-control-request-method:", s->ask_method, sizeof s->ask_method);
	conn_peer_ip(wsi, s->ip, sizeof s->ip);
}

/** What comes after the headers: x->left, x->refused. @return false: the framing cannot be trusted */
static bool read_length(struct lws *wsi, struct exchange *x)
{
	char text[32];
	bool takes = !strcmp(x->method, "POST") || !strcmp(x->method, "PUT") ||
		!strcmp(x->method, "PATCH");

	conn_header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, text, sizeof text);
	if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0) {
		x->refused = 411;
		return !text[0]; /* both: a smuggled request */
	}
	if (!text[0] && lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) > 0)
		return false;
	if (text[0]) {
		if (strlen(text) > 15 || text[strspn(text, "0123456789")])
			return false;
		x->left = strtoull(text, NULL, 10);
	}
	if (takes && !x->left)
		x->refused = 400;
	if (x->left > cardea_max_message())
		x->refused = 413;
	x->skips_body = x->left && (x->refused || !takes);
	return x->left <= MAX_SKIPPED;
}

static void answer_own(struct exchange *x)
{
	const struct said *s = x->said;
	const struct listener *l = listen_of(x->conn.wsi);
	bool is_web = listen_is_web(l);

	if (!is_web || !health_serve(&x->answer, conf->control, x->method, s->path)) {
		if (is_web)
			static_serve(&x->answer, conf->root, x->method, s->path, s->etag);
		else
			answer_set(&x->answer, listen_is_socket_only(l) ? 403 : 404,
				"Access-Control-Allow-Origin: *\r\n", NULL, NULL);
	}
	x->phase = ANSWERED;
	lws_callback_on_writable(x->conn.wsi);
}

/** The request is complete: whoever serves it may speak. */
static void ask(struct exchange *x)
{
	const struct said *s = x->said;
	const struct mount *m = x->conn.mount;
	uint64_t id = x->conn.id;

	metric_add(&web_requests, 1);
	lws_set_timeout(x->conn.wsi, NO_PENDING_TIMEOUT, 0);
	lws_set_timer_usecs(x->conn.wsi, ANSWER_S * US_PER_S);
	x->phase = ASKED;
	if (!m) {
		answer_own(x);
		return;
	}
	metric_add(&web_messages_in, s->body_len ? 1 : 0);
	const struct cardea_web_request r = { .size = sizeof r, .id = id, .method = x->method,
		.path = s->path + strlen(m->name), .query = s->query, .ip = s->ip, .origin = s->origin,
		.referer = s->referer, .authorization = s->authorization, .content_type = s->content_type,
		.ask_method = s->ask_method, .ask_headers = s->ask_headers,
		.secure = listen_is_secure(listen_of(x->conn.wsi)), .body = s->body ? s->body : "",
		.body_len = s->body_len, .refused = x->refused };
	m->pages.request(m->arg, &r);
	if ((x = (struct exchange *)conn_get(id, CONN_EXCHANGE)))
		forget_said(x);
}

static int begin_request(struct lws *wsi, struct exchange *x)
{
	char local[64], forwarded[MAX_VALUE];
	struct said *s = x->said;

	if (!(x->method = method_of(wsi, s->path, sizeof s->path)) || !read_length(wsi, x))
		return -1;
	read_headers(wsi, s);
	conn_local_ip(wsi, local, sizeof local);
	x->conn.mount = listen_path(listen_of(wsi), s->path, local);
	conn_header(wsi, WSI_TOKEN_X_FORWARDED_FOR, forwarded, sizeof forwarded);
	if (x->conn.mount && !mount_admits(x->conn.mount, s->ip, forwarded))
		return -1;
	if (x->left)
		lws_set_timer_usecs(wsi, BODY_S * US_PER_S);
	else
		ask(x);
	return 0;
}

int exchange_begin(struct lws *wsi, struct seat *seat)
{
	exchange_closed(seat);
	struct exchange *x = calloc(1, sizeof *x);
	if (!x)
		return -1;
	x->said = calloc(1, sizeof *x->said);
	if (!x->said || !conn_name(&x->conn, CONN_EXCHANGE, wsi)) {
		free(x->said);
		free(x);
		return -1;
	}
	seat->conn = &x->conn;
	return begin_request(wsi, x);
}

int exchange_body(struct seat *seat, const char *data, size_t len)
{
	struct exchange *x = exchange_of(seat);
	if (x && x->phase != READING)
		return 0; /* refused at the headers: the answer is on its way */
	if (!x || len > x->left)
		return -1;
	struct said *s = x->said;
	if (!x->skips_body) {
		if (!s->body && !(s->body = malloc((size_t)x->left + 1)))
			return -1;
		memcpy(s->body + s->body_len, data, len);
		s->body_len += len;
		s->body[s->body_len] = '\0';
	}
	x->left -= len;
	return 0;
}

int exchange_complete(struct seat *seat)
{
	struct exchange *x = exchange_of(seat);
	if (x && x->phase != READING)
		return 0; /* libwebsockets also completes the body of "Content-Length: 0" */
	if (!x || x->left)
		return -1;
	ask(x);
	return 0;
}

int exchange_timer(struct seat *seat)
{
	struct exchange *x = exchange_of(seat);
	if (!x)
		return 0;
	if (x->phase == READING)
		return -1;
	if (x->phase == ASKED && x->conn.mount)
		x->conn.mount->pages.late(x->conn.mount->arg, x->conn.id);
	return 0;
}

/* ---- the answer ---- */

static size_t print_head(char *out, size_t size, const struct exchange *x)
{
	const struct answer *a = &x->answer;
	bool bodiless = a->status == 304 || a->status == 204;
	size_t n = (size_t)snprintf(out, size, "HTTP/1.1 %d %s\r\n%s", a->status, answer_phrase(a->status),
		a->headers ? a->headers : "");

	if (n < size && a->type)
		n += (size_t)snprintf(out + n, size - n, "Content-Type: %s\r\n", a->type);
	if (n < size && !bodiless)
		n += (size_t)snprintf(out + n, size - n, "Content-Length: %zu\r\n", a->body ? a->body->len : 0);
	if (n < size)
		n += (size_t)snprintf(out + n, size - n, "%s\r\n", x->refused ? "Connection: close\r\n" : "");
	return n;
}

static bool write_answer(struct exchange *x)
{
	char head[8192];
	size_t head_len = print_head(head, sizeof head, x);
	struct cardea_text *body = x->answer.status == 304 || x->answer.status == 204 ||
		!strcmp(x->method, "HEAD") ? NULL : x->answer.body;
	size_t len = head_len + (body ? body->len : 0);
	unsigned char *buf = head_len < sizeof head ? conn_scratch(len) : NULL;

	if (!buf)
		return false;
	memcpy(buf, head, head_len);
	if (body)
		memcpy(buf + head_len, body->data, body->len);
	metric_add(&web_bytes_out, len);
	return lws_write(x->conn.wsi, buf, len, LWS_WRITE_HTTP_HEADERS) >= (int)len;
}

/** libwebsockets does not read while an answer is due, so it does not see the end of a connection either. */
static bool has_left(struct lws *wsi)
{
	struct pollfd p = { .fd = lws_get_socket_fd(wsi), .events = POLLRDHUP };
	return poll(&p, 1, 0) > 0;
}

int exchange_writable(struct seat *seat)
{
	struct exchange *x = exchange_of(seat);
	if (!x || x->phase != ANSWERED)
		return 0;
	struct lws *wsi = x->conn.wsi;
	if (x->is_held && has_left(wsi))
		return -1;
	bool closes = x->refused != 0;
	if (!write_answer(x))
		return -1;
	x->phase = WRITTEN;
	seat->conn = NULL;
	lws_set_timer_usecs(wsi, LWS_SET_TIMER_USEC_CANCEL);
	finish(x, true);
	if (closes)
		return -1;
	return lws_http_transaction_completed(wsi) ? -1 : 0;
}

struct answering {
	uint64_t id;
	struct answer answer;
};

static void answer_here(const void *rec, size_t len)
{
	struct answering r = *(const struct answering *)rec;
	struct exchange *x = (struct exchange *)conn_get(r.id, CONN_EXCHANGE);
	(void)len;
	if (!x || x->phase != ASKED) {
		answer_clear(&r.answer);
		return;
	}
	x->answer = r.answer;
	x->phase = ANSWERED;
	lws_callback_on_writable(x->conn.wsi);
}

CARDEA_API void cardea_web_answer(uint64_t id, int status, const char *headers, const char *type,
	struct cardea_text *body)
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
	struct exchange *x = (struct exchange *)conn_get(id, CONN_EXCHANGE);
	if (!x || x->phase != ASKED)
		return false;
	x->is_held = true;
	lws_set_timer_usecs(x->conn.wsi, ms * US_PER_MS);
	return true;
}

CARDEA_API void cardea_web_drop(uint64_t id)
{
	OWNED_BY(web_owner());
	struct exchange *x = (struct exchange *)conn_get(id, CONN_EXCHANGE);
	if (x)
		lws_set_timeout(x->conn.wsi, PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_ASYNC);
}
