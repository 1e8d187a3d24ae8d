/* SPDX-License-Identifier: Apache-2.0 */
#include <llhttp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "http.h"

#define FIRST_ROOM 2048u

struct http {
	llhttp_t parser;
	struct head *head;
	bool is_within, is_paused, is_over;
	bool has_head; /* fields that come now are trailers, which nobody asks for */
	enum http_step step;
	int status;
	size_t limit, skipped, trailers;
	char *body;
	size_t body_len, body_room;
};

static int fail(struct http *p, int status)
{
	p->status = status;
	return HPE_USER;
}

static bool grow(char **buf, size_t *room, size_t need, size_t first)
{
	size_t size = *room ? *room : first;
	if (need <= *room)
		return true;
	while (size < need)
		size *= 2;
	char *more = realloc(*buf, size);
	if (!more)
		return false;
	*buf = more;
	*room = size;
	return true;
}

static int put(struct http *p, const char *at, size_t len)
{
	struct head *h = p->head;
	if (h->len + len > HEAD_MAX)
		return fail(p, 431);
	if (!grow(&h->text, &h->room, h->len + len + 1, FIRST_ROOM))
		return fail(p, 503);
	memcpy(h->text + h->len, at, len);
	h->len += len;
	h->text[h->len] = '\0';
	return 0;
}

static int end_text(struct http *p)
{
	return put(p, "", 1);
}

/* ---- what llhttp tells ---- */

static int on_begin(llhttp_t *parser)
{
	struct http *p = parser->data;
	http_forget(p);
	p->head = calloc(1, sizeof(*p->head));
	p->is_within = true;
	p->has_head = false;
	p->trailers = 0;
	return p->head ? put(p, "", 0) : fail(p, 503);
}

static int on_target(llhttp_t *parser, const char *at, size_t len)
{
	struct http *p = parser->data;
	return p->head->len + len > HEAD_TARGET ? fail(p, 414) : put(p, at, len);
}

static int on_end_target(llhttp_t *parser)
{
	return end_text(parser->data);
}

/** RFC 9110, 6.5.1: a trailer must not pass for a field of the head, which proxies look at. */
static int pass_over(struct http *p, size_t len)
{
	p->trailers += len;
	return p->trailers > HEAD_MAX ? fail(p, 431) : 0;
}

static int on_name(llhttp_t *parser, const char *at, size_t len)
{
	struct http *p = parser->data;
	struct head *h = p->head;
	if (p->has_head)
		return pass_over(p, len);
	if (h->n == HEAD_FIELDS)
		return fail(p, 431);
	if (!h->fields[h->n].name)
		h->fields[h->n].name = (uint32_t)h->len;
	return put(p, at, len);
}

static int on_end_name(llhttp_t *parser)
{
	struct http *p = parser->data;
	if (p->has_head)
		return pass_over(p, 1);
	struct head *h = p->head;
	struct head_field *f = &h->fields[h->n];
	if (!f->name || f->name == h->len)
		return fail(p, 400); /* none, which llhttp lets pass */
	int e = end_text(p);
	f->value = (uint32_t)h->len;
	return e;
}

static int on_value(llhttp_t *parser, const char *at, size_t len)
{
	struct http *p = parser->data;
	return p->has_head ? pass_over(p, len) : put(p, at, len);
}

static int on_end_value(llhttp_t *parser)
{
	struct http *p = parser->data;
	struct head *h = p->head;
	if (p->has_head)
		return pass_over(p, 1);
	const char *value = h->text + h->fields[h->n].value;
	while (h->text + h->len > value && strchr(" \t", h->text[h->len - 1]))
		h->len--;
	h->n++;
	return end_text(p);
}

/* RFC 9112, 3.2: a request names its host, once, by what can be a host and a port (RFC 3986). */
static bool has_one_host(const struct head *h)
{
	static const char others[] = "-._~%!$&'()*+,;=:[]";
	unsigned at = 0;
	const char *first = head_each(h, "Host", &at);

	for (const char *s = first ? first : ""; *s; s++)
		if (!(*s >= 'a' && *s <= 'z') && !(*s >= 'A' && *s <= 'Z') &&
			!(*s >= '0' && *s <= '9') && !strchr(others, *s))
			return false;
	return first ? !head_each(h, "Host", &at) : h->is_1_0;
}

/* RFC 9112, 6.1: a body that is coded in another way than in chunks would be read as what it is
 * not. */
static bool is_only_chunked(const struct head *h)
{
	unsigned at = 0;
	const char *coding = head_each(h, "Transfer-Encoding", &at);
	return !coding ||
	       (!strcasecmp(coding, "chunked") && !head_each(h, "Transfer-Encoding", &at));
}

static int on_head(llhttp_t *parser)
{
	struct http *p = parser->data;
	struct head *h = p->head;
	h->method = llhttp_method_name((llhttp_method_t)parser->method);
	h->is_1_0 = parser->http_major == 1 && parser->http_minor == 0;
	if (parser->http_major != 1)
		return fail(p, 505);
	if (!has_one_host(h) || !head_make_relative(h) || (h->is_1_0 && parser->flags & F_CHUNKED))
		return fail(p, 400);
	if (!is_only_chunked(h))
		return fail(p, 501);
	p->has_head = true;
	parser->upgrade = 0; /* ours to decide; what we do not know is no upgrade (RFC 9110, 7.8) */
	p->step = READ_HEAD;
	return HPE_PAUSED;
}

static int on_body(llhttp_t *parser, const char *at, size_t len)
{
	struct http *p = parser->data;
	if (p->body_len + len > p->limit || p->is_over) {
		p->is_over = true;
		p->skipped += len;
		return p->skipped > HTTP_SKIPPED ? fail(p, 413) : 0;
	}
	if (!grow(&p->body, &p->body_room, p->body_len + len + 1, len + 1))
		return fail(p, 503);
	memcpy(p->body + p->body_len, at, len);
	p->body_len += len;
	p->body[p->body_len] = '\0';
	return 0;
}

static int on_whole(llhttp_t *parser)
{
	struct http *p = parser->data;
	p->is_within = false;
	p->step = READ_WHOLE;
	return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
	.on_message_begin = on_begin,
	.on_url = on_target,
	.on_url_complete = on_end_target,
	.on_header_field = on_name,
	.on_header_field_complete = on_end_name,
	.on_header_value = on_value,
	.on_header_value_complete = on_end_value,
	.on_headers_complete = on_head,
	.on_body = on_body,
	.on_message_complete = on_whole,
};

/* ---- for who reads ---- */

struct http *http_create(void)
{
	struct http *p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	llhttp_init(&p->parser, HTTP_REQUEST, &settings);
	p->parser.data = p;
	return p;
}

void http_forget(struct http *p)
{
	head_free(p->head);
	free(p->body);
	p->head = NULL;
	p->body = NULL;
	p->body_len = p->body_room = p->skipped = p->limit = 0;
	p->is_over = false;
}

void http_free(struct http *p)
{
	if (!p)
		return;
	http_forget(p);
	free(p);
}

enum http_step http_read(struct http *p, const char **data, size_t *len)
{
	if (p->is_paused)
		llhttp_resume(&p->parser);
	p->is_paused = false;
	p->step = READ_MORE;
	llhttp_errno_t e = llhttp_execute(&p->parser, *data, *len);
	if (e == HPE_OK) {
		*data += *len;
		*len = 0;
		return READ_MORE;
	}
	if (e == HPE_PAUSED) {
		const char *at = llhttp_get_error_pos(&p->parser);
		*len -= (size_t)(at - *data);
		*data = at;
		p->is_paused = true;
		return p->step;
	}
	if (!p->status)
		p->status = e == HPE_INVALID_VERSION ? 505 : 400;
	return READ_BAD;
}

bool http_is_within(const struct http *p)
{
	return p->is_within;
}

const struct head *http_head(const struct http *p)
{
	return p->head;
}

bool http_has_body(const struct http *p)
{
	return p->parser.flags & F_CHUNKED || p->parser.content_length;
}

uint64_t http_length(const struct http *p)
{
	return p->parser.flags & F_CHUNKED ? 0 : p->parser.content_length;
}

void http_take(struct http *p, size_t limit)
{
	p->limit = limit;
}

bool http_is_over(const struct http *p)
{
	return p->is_over;
}

const char *http_body(const struct http *p, size_t *len)
{
	*len = p->body_len;
	return p->body ? p->body : "";
}

bool http_keeps_alive(const struct http *p)
{
	return llhttp_should_keep_alive(&p->parser);
}

#define TEXT(x)   #x
#define NUMBER(x) TEXT(x)

const char *http_library(void)
{
	return NUMBER(LLHTTP_VERSION_MAJOR) "." NUMBER(LLHTTP_VERSION_MINOR) "." NUMBER(
		LLHTTP_VERSION_PATCH);
}

int http_status(const struct http *p)
{
	return p->status;
}
