/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/loop.h"
#include "../base/metric.h"
#include "../base/queue.h"
#include "http_inbox.h"

#define OPEN_MAX    4096             /* requests that were handed over, and are not over */
#define WAITING_MAX (2 * OPEN_MAX)   /* records in the queue, when a request is taken */
#define BYTES_MAX   (64u << 20)      /* of bodies in it */
#define QUEUE_HEAD  32               /* bytes of a record beside its own, at most */
#define WORK_US     (10 * US_PER_MS) /* of a turn */
#define ASKED_MAX   2048             /* bytes of what a preflight asks for */

/* What waits in the queue. */
struct record {
	const struct http_path *at;
	uint64_t id;
	struct cardea_path_request *request; /* NULL: it is over */
};

static struct {
	struct loop *loop;
	struct queue *queue;
	GHashTable *open; /* web thread: ids */
	_Atomic unsigned waiting;
	_Atomic size_t bytes;
	void (*request)(const struct http_path *at, const struct cardea_path_request *r);
	void (*gone)(const struct http_path *at, uint64_t id);
} inbox;

static struct metric n_refused = { .name = "cardea_control_path_refused_total",
	.help = "Requests on paths of plugins that were answered with 503: too many were open." };

/* ---- a request that outlives its call ---- */

static struct cardea_path_request *copy(const struct cardea_web_request *r)
{
	struct cardea_path_request *c = g_new0(struct cardea_path_request, 1);
	*c = (struct cardea_path_request){ .size = sizeof *c,
		.id = r->id,
		.method = g_strdup(r->method),
		.path = g_strdup(r->path),
		.query = g_strdup(r->query),
		.ip = g_strdup(r->ip),
		.origin = g_strdup(r->origin),
		.authorization = g_strdup(r->authorization),
		.content_type = g_strdup(r->content_type),
		.secure = r->secure,
		.body = r->body ? g_memdup2(r->body, r->body_len + 1) : g_strdup(""),
		.body_len = r->body_len };
	return c;
}

static void drop(struct cardea_path_request *r)
{
	const char *const texts[] = { r->method, r->path, r->query, r->ip, r->origin,
		r->authorization, r->content_type, r->body };
	for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++)
		g_free((char *)(uintptr_t)texts[i]);
	g_free(r);
}

/* ---- web thread ---- */

static void answer(uint64_t id, int status, const char *headers, const char *text)
{
	cardea_web_answer(id, status, headers, "text/plain; charset=utf-8",
		cardea_web_text(text, strlen(text)));
}

static bool is_listed(const char *methods, const char *method)
{
	g_auto(GStrv) all = g_strsplit(methods, ",", -1);
	for (char **m = all; *m; m++)
		if (!strcmp(g_strstrip(*m), method))
			return true;
	return false;
}

/* Names with commas between (RFC 9110, 5.6.2): nothing else of a request goes into the head of an
 * answer. */
static bool are_names(const char *s)
{
	static const char others[] = "!#$%&'*+-.^_`|~, ";
	for (const char *c = s; *c; c++)
		if (!g_ascii_isalnum(*c) && !strchr(others, *c))
			return false;
	return *s && strlen(s) <= ASKED_MAX;
}

static void on_options(const struct http_path *at, const struct cardea_web_request *r)
{
	char headers[ASKED_MAX + 512];
	int n = snprintf(headers, sizeof headers,
		*r->ask_method ? "Access-Control-Allow-Methods: %.200s\r\n" : "Allow: %.200s\r\n",
		at->methods);
	if (are_names(r->ask_headers))
		snprintf(headers + n, sizeof headers - (size_t)n,
			"Access-Control-Allow-Headers: %s\r\n", r->ask_headers);
	cardea_web_answer(r->id, 204, headers, NULL, NULL);
}

/* With its end there are two records of each: room for that of all that are open is kept. */
static bool has_room(size_t bytes)
{
	return g_hash_table_size(inbox.open) < OPEN_MAX &&
	       atomic_load_explicit(&inbox.waiting, memory_order_relaxed) < WAITING_MAX &&
	       atomic_load_explicit(&inbox.bytes, memory_order_relaxed) + bytes <= BYTES_MAX;
}

static void push(const struct record *rec)
{
	size_t bytes = rec->request ? rec->request->body_len : 0;
	atomic_fetch_add_explicit(&inbox.waiting, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&inbox.bytes, bytes, memory_order_relaxed);
	enum err e = queue_push(inbox.queue, rec, sizeof *rec);
	g_assert(e == OK); /* see has_room() */
}

static void hand_over(const struct http_path *at, const struct cardea_web_request *r)
{
	struct record rec = { at, r->id, NULL };
	if (!has_room(r->body_len)) {
		metric_add(&n_refused, 1);
		answer(r->id, 503, "Retry-After: 1\r\n", "The server is overloaded\n");
		return;
	}
	rec.request = copy(r);
	if (at->timeout_ms)
		cardea_web_hold(r->id, at->timeout_ms);
	g_hash_table_add(inbox.open, g_memdup2(&r->id, sizeof r->id));
	push(&rec);
}

static void on_request(void *arg, const struct cardea_web_request *r)
{
	const struct http_path *at = arg;
	char allow[256];
	if (r->refused == 413)
		answer(r->id, 413, NULL, "The body is too long\n");
	else if (!strcmp(r->method, "OPTIONS") && !is_listed(at->methods, "OPTIONS"))
		on_options(at, r);
	else if (!is_listed(at->methods, r->method)) {
		snprintf(allow, sizeof allow, "Allow: %.200s\r\n", at->methods);
		answer(r->id, 405, allow, "Not by this method\n");
	} else
		hand_over(at, r);
}

static void on_late(void *arg, uint64_t id)
{
	(void)arg;
	answer(id, 504, NULL, "It took too long\n");
}

static void on_ended(void *arg, uint64_t id, bool delivered)
{
	const struct record rec = { arg, id, NULL };
	(void)delivered;
	if (g_hash_table_remove(inbox.open, &id))
		push(&rec);
}

const struct cardea_web_pages http_inbox_hooks = {
	.size = sizeof http_inbox_hooks, .request = on_request, .late = on_late, .ended = on_ended
};

/* ---- control thread ---- */

static void take(void *arg, const void *data, size_t len)
{
	const struct record *rec = data;
	size_t bytes = rec->request ? rec->request->body_len : 0;
	(void)arg;
	(void)len;
	atomic_fetch_sub_explicit(&inbox.waiting, 1, memory_order_relaxed);
	atomic_fetch_sub_explicit(&inbox.bytes, bytes, memory_order_relaxed);
	if (rec->request) {
		inbox.request(rec->at, rec->request);
		drop(rec->request);
	} else {
		inbox.gone(rec->at, rec->id);
	}
}

static void discard(void *arg, const void *data, size_t len)
{
	const struct record *rec = data;
	(void)arg;
	(void)len;
	if (rec->request)
		drop(rec->request);
}

enum err http_inbox_start(struct loop *loop,
	void (*request)(const struct http_path *at, const struct cardea_path_request *r),
	void (*gone)(const struct http_path *at, uint64_t id))
{
	static bool registered;
	const size_t n = WAITING_MAX + 2 * OPEN_MAX;
	if (!registered)
		metric_register(&n_refused);
	registered = true;
	inbox.request = request;
	inbox.gone = gone;
	inbox.waiting = 0;
	inbox.bytes = 0;
	inbox.loop = loop;
	inbox.open = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
	inbox.queue = queue_create("paths of plugins", n * (sizeof(struct record) + QUEUE_HEAD));
	return inbox.queue ? queue_attach_for(inbox.queue, loop, take, NULL, WORK_US) : ERR_FULL;
}

void http_inbox_stop(void)
{
	if (!inbox.open)
		return;
	if (inbox.queue) {
		loop_del(inbox.loop, queue_fd(inbox.queue));
		queue_drain(inbox.queue, discard, NULL);
		queue_destroy(inbox.queue);
		inbox.queue = NULL;
	}
	g_clear_pointer(&inbox.open, g_hash_table_destroy);
}
