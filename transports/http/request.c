/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include "answer.h"
#include "poll.h"
#include "request.h"

/** "/part/part" taken apart. */
struct path {
	char part[2][64];
	unsigned n;               /* 3: too many */
	uint64_t session, handle; /* 0: absent or not a number */
};

/** What is too large for any id stays so: there is no such session. */
static uint64_t number(const char *s)
{
	const char *digits = s + (*s == '-' || *s == '+');
	return digits[strspn(digits, "0123456789")] ? 0 : strtoull(s, NULL, 10);
}

static void split(const char *s, struct path *p)
{
	*p = (struct path){ 0 };
	while (*(s += strspn(s, "/"))) {
		size_t len = strcspn(s, "/");
		if (p->n == 2 || len >= sizeof p->part[0]) {
			p->n = 3;
			return;
		}
		memcpy(p->part[p->n++], s, len);
		s += len;
	}
	p->session = number(p->part[0]);
	p->handle = number(p->part[1]);
}

static bool is_only(const struct path *p, const char *word)
{
	return p->n == 1 && !strcmp(p->part[0], word);
}

static struct cardea_origin origin_of(const struct endpoint *ep, const struct cardea_web_request *r)
{
	return (struct cardea_origin){ .transport = ep->transport,
		.client = HTTP_CLIENT,
		.request = r->id,
		.admin = ep->admin,
		.address = cardea_address(r->ip),
		.bytes = r->body_len };
}

static void hand_over(const struct endpoint *ep, const struct cardea_web_request *r, json_t *tree)
{
	const struct cardea_origin from = origin_of(ep, r);
	cardea_transport_incoming(&from, tree);
}

/* ---- GET ---- */

/** A request without a body, with a transaction of our own. */
static void ask(const struct endpoint *ep, const struct cardea_web_request *r, const char *what)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	unsigned char random[11] = { 0 };
	char transaction[12];

	if (getrandom(random, sizeof random, 0) < 0)
		random[0] = (unsigned char)r->id; /* only a label: nothing depends on it */
	for (size_t i = 0; i < sizeof random; i++)
		transaction[i] = letters[random[i] % (sizeof letters - 1)];
	transaction[11] = '\0';
	hand_over(ep, r, json_pack("{s:s, s:s}", "janus", what, "transaction", transaction));
}

static void begin_poll(
	const struct endpoint *ep, const struct cardea_web_request *r, uint64_t session)
{
	const struct cardea_origin from = origin_of(ep, r);
	char secret[2049], token[2049], maxev[16]; /* as many bytes as the core takes, and a NUL */
	bool has_secret = cardea_web_query(r->query, "apisecret", secret, sizeof secret);
	bool has_token = cardea_web_query(r->query, "token", token, sizeof token);
	long n = cardea_web_query(r->query, "maxev", maxev, sizeof maxev) ? strtol(maxev, NULL, 10)
									  : 1;

	if (n < 1)
		n = 1;
	poll_begin(r->id, session, n > 1000 ? 1000 : (unsigned)n);
	cardea_transport_poll(&from, session, has_secret ? secret : NULL, has_token ? token : NULL);
}

static void get(const struct endpoint *ep, const struct cardea_web_request *r, const struct path *p)
{
	char location[512];

	if (is_only(p, "info") || (is_only(p, "ping") && !ep->admin)) {
		ask(ep, r, p->part[0]);
	} else if (ep->admin) {
		answer_error(r->id, 200, 454, "Request payload missing");
	} else if (p->n == 2 && p->session) {
		snprintf(location, sizeof location, "%s/%llu", ep->base,
			(unsigned long long)p->session);
		answer_empty(r->id, 302, r, location);
	} else if (p->n == 1 && p->session) {
		begin_poll(ep, r, p->session);
	} else {
		answer_empty(r->id, 404, r, NULL);
	}
}

/* ---- POST ---- */

/** Put an id of the path into the tree. @return false when the tree has another one. */
static bool merge(json_t *tree, const char *name, uint64_t id)
{
	json_t *given = json_object_get(tree, name);

	if (!id)
		return true;
	if (json_is_integer(given) && json_integer_value(given))
		return json_integer_value(given) == (json_int_t)id;
	return !json_object_set_new(tree, name, json_integer((json_int_t)id));
}

static json_t *parse(const struct cardea_web_request *r)
{
	const char *text = r->body;
	size_t len = r->body_len;
	char why[160];
	json_t *tree = cardea_web_json(&text, &len, why);

	if (tree && !len)
		return tree;
	if (tree) {
		unsigned line = 1;
		for (const char *s = r->body; s < text; s++)
			line += *s == '\n';
		snprintf(why, sizeof why, "on line %u: end of file expected near '%c'", line,
			*text > ' ' && *text < 127 ? *text : '?');
		json_decref(tree);
	}
	answer_error(r->id, 200, 454, "JSON error: %s", why);
	return NULL;
}

static void take(
	const struct endpoint *ep, const struct cardea_web_request *r, const struct path *p)
{
	json_t *tree = parse(r);

	if (!tree)
		return;
	if (!json_is_object(tree))
		answer_error(r->id, 200, 455, "JSON error: not an object");
	else if (!merge(tree, "session_id", p->session))
		answer_error(r->id, 200, 457, "Conflicting session ID (payload and path)");
	else if (!merge(tree, "handle_id", p->handle))
		answer_error(r->id, 200, 457, "Conflicting handle ID (payload and path)");
	else {
		hand_over(ep, r, tree); /* whole: not ours any more */
		return;
	}
	json_decref(tree);
}

static void post(
	const struct endpoint *ep, const struct cardea_web_request *r, const struct path *p)
{
	if (is_only(p, "info")) {
		if (ep->admin)
			answer_error(r->id, 200, 450, "Use GET for the info endpoint");
		else
			answer_empty(r->id, 400, r, NULL);
	} else if (r->refused == 413) {
		answer_error(r->id, 413, 454, "JSON error: message longer than %zu bytes",
			cardea_max_message());
	} else if (r->refused) {
		answer_empty(r->id, r->refused, r, NULL);
	} else {
		take(ep, r, p);
	}
}

void request_serve(const struct endpoint *ep, const struct cardea_web_request *r)
{
	struct path p;

	split(r->path, &p);
	if (!strcmp(r->method, "OPTIONS"))
		answer_empty(r->id, 200, r, NULL);
	else if (strcmp(r->method, "GET") && strcmp(r->method, "POST"))
		answer_error(r->id, 200, 450, "Unsupported method %s", r->method);
	else if (p.n > 2)
		answer_empty(r->id, 404, r, NULL);
	else if (!strcmp(r->method, "GET"))
		get(ep, r, &p);
	else
		post(ep, r, &p);
}
