/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <cardea/transport.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "../base/metric.h"
#include "../base/queue.h"
#include "auth.h"
#include "error.h"
#include "ice_servers.h"
#include "options.h"
#include "rate.h"
#include "text.h"
#include "turn_page.h"

#define QUEUE_BYTES (1 << 20) /* some 450 requests */
#define SECRET_MAX  1024
#define WAITING_MAX 1024 /* for the backend */
#define HEADERS     "Cache-Control: no-store\r\n"
#define JSON_TYPE   "application/json"

/* A request on its way to the control thread. Empty: not given. */
struct asking {
	uint64_t id;
	char user[ICE_USER_MAX + 1];
	char secret[SECRET_MAX], token[SECRET_MAX];
};
struct turn_waiting {
	uint64_t id;
	char user[ICE_USER_MAX + 1];
};

static struct loop *loop;
static struct queue *inbox;
static struct rate *rate; /* web thread */
static GArray *waiting;   /* struct turn_waiting: answered when the backend is */
static struct metric n_given = { .name = "cardea_control_turn_answers_total",
	.help = "ICE servers given at /turn." };
static struct metric n_refused = { .name = "cardea_control_turn_refused_total",
	.help = "Requests at /turn that were refused, by rate or credentials." };

static void refuse(uint64_t id, int status, const char *more, const char *reason)
{
	char headers[256];
	json_t *o = json_pack(
		"{s:{s:i, s:o}}", "error", "code", status, "reason", cardea_json_text(reason));
	snprintf(headers, sizeof headers, HEADERS "%s", more);
	metric_add(&n_refused, 1);
	cardea_web_answer(id, status, headers, JSON_TYPE, text_print(o, JSON_STYLE_COMPACT));
	json_decref(o);
}

/* ---- web thread ---- */

static void preflight(uint64_t id)
{
	cardea_web_answer(id, 204,
		HEADERS "Access-Control-Allow-Methods: GET\r\n"
			"Access-Control-Allow-Headers: Authorization\r\n",
		NULL, NULL);
}

/* @return false: the name cannot be had */
static bool read_request(struct asking *a, const struct cardea_web_request *r)
{
	char user[ICE_USER_MAX + 2];
	a->id = r->id;
	cardea_web_query(r->query, "apisecret", a->secret, sizeof a->secret);
	if (!cardea_web_query(r->query, "token", a->token, sizeof a->token) &&
		g_ascii_strncasecmp(r->authorization, "Bearer ", 7) == 0)
		g_strlcpy(a->token, r->authorization + 7, sizeof a->token);
	if (!cardea_web_query(r->query, "user", user, sizeof user))
		return true;
	g_strlcpy(a->user, user, sizeof a->user);
	return ice_servers_user_ok(user);
}

static void hand_over(const struct cardea_web_request *r)
{
	struct asking a = { 0 };
	if (!read_request(&a, r)) {
		refuse(r->id, 400, "", "user must have 1 to 64 characters of A-Z a-z 0-9 . _ @ -");
		return;
	}
	if (settings.ice.rest.url)
		cardea_web_hold(r->id, (settings.ice.rest.timeout_s + 5) * 1000);
	if (queue_push(inbox, &a, sizeof a) != OK)
		refuse(r->id, 503, "Retry-After: 1\r\n", "Too many requests wait");
}

static void on_request(void *arg, const struct cardea_web_request *r)
{
	char retry[64];
	unsigned wait_s;
	(void)arg;
	if (*r->path)
		refuse(r->id, 404, "", "There is nothing below /turn");
	else if (!strcmp(r->method, "OPTIONS"))
		preflight(r->id);
	else if (strcmp(r->method, "GET") && strcmp(r->method, "HEAD"))
		refuse(r->id, 405, "Allow: GET, HEAD, OPTIONS\r\n", "Ask by GET");
	else if ((wait_s = rate_ask(rate, r->ip, clock_now_us()))) {
		snprintf(retry, sizeof retry, "Retry-After: %u\r\n", wait_s);
		refuse(r->id, 429, retry, "Too many requests from this address");
	} else
		hand_over(r);
}

static void on_late(void *arg, uint64_t id)
{
	(void)arg;
	refuse(id, 503, "Retry-After: 1\r\n", "It took too long");
}

/* ---- control thread ---- */

static void answer(uint64_t id, const char *user)
{
	json_t *o = ice_servers_answer(*user ? user : NULL);
	metric_add(&n_given, 1);
	cardea_web_answer(id, 200, HEADERS, JSON_TYPE, text_print(o, JSON_STYLE_COMPACT));
	json_decref(o);
}

static void answer_waiting(void)
{
	for (unsigned i = 0; i < waiting->len; i++) {
		const struct turn_waiting *w = &g_array_index(waiting, struct turn_waiting, i);
		answer(w->id, w->user);
	}
	g_array_set_size(waiting, 0);
}

static void handle(void *arg, const void *rec, size_t len)
{
	const struct asking *a = rec;
	const char *secret = *a->secret ? a->secret : NULL, *token = *a->token ? a->token : NULL;
	(void)arg;
	(void)len;
	if (!auth_allows(secret, token)) {
		if (secret || token)
			refuse(a->id, 403, "", UNAUTHORIZED_TEXT);
		else
			refuse(a->id, 401, "WWW-Authenticate: Bearer\r\n", UNAUTHORIZED_TEXT);
	} else if (waiting->len < WAITING_MAX && ice_servers_await(answer_waiting)) {
		struct turn_waiting w = { .id = a->id };
		g_strlcpy(w.user, a->user, sizeof w.user);
		g_array_append_val(waiting, w);
	} else {
		answer(a->id, a->user);
	}
}

/* ---- life ---- */

enum err turn_page_start(struct loop *on)
{
	static const struct cardea_web_pages hooks = {
		.size = sizeof hooks, .request = on_request, .late = on_late
	};
	const struct cardea_web_place place = { .size = sizeof place, .shared = true };
	const char *why = cardea_web_mount_path("/turn", &place, &hooks, NULL);
	if (why)
		log_error("turn", 0, "not served", "because=%s", LOG_QUOTED(why));
	loop = on;
	metric_register(&n_given);
	metric_register(&n_refused);
	rate = rate_create(settings.ice.requests_per_s);
	waiting = g_array_new(FALSE, FALSE, sizeof(struct turn_waiting));
	inbox = queue_create("requests at /turn", QUEUE_BYTES);
	return inbox ? queue_attach(inbox, loop, handle, NULL) : ERR_FULL;
}

void turn_page_stop(void)
{
	if (!inbox)
		return;
	loop_del(loop, queue_fd(inbox));
	queue_destroy(inbox);
	inbox = NULL;
	g_array_free(waiting, TRUE);
	rate_destroy(rate);
}
