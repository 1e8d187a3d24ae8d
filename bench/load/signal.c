/* SPDX-License-Identifier: Apache-2.0 */
/* The scenario `signal`: requests and answers alone, many at once on many WebSockets. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base.h"
#include "crowd.h"
#include "hist.h"
#include "idle.h"
#include "loop.h"
#include "options.h"
#include "proc.h"
#include "result.h"
#include "scenario.h"
#include "ws.h"

#define IN_FLIGHT 4096 /* a power of two, above --depth */
#define WARM_UP   (NS_PER_S / 2)

/* Requests go out as text and answers are read as text: the client shall not be the one who is busy
 * with JSON. */
struct caller {
	struct ws *ws;
	uint64_t session, handle;
	uint64_t sent_ns[IN_FLIGHT];
	uint32_t sent, answered;
};
static struct caller *callers;

static const struct phase {
	const char *name, *key;
	const char *request;  /* NULL: create, attach, destroy */
	int requests;         /* in a unit */
	const char *expected; /* in the answer */
} phases[] = {
	{ "keepalive", "keepalive",
		"{\"janus\":\"keepalive\",\"session_id\":%llu,\"transaction\":\"s\"}", 1, "ack" },
	{ "message with `list`", "list",
		"{\"janus\":\"message\",\"session_id\":%llu,\"handle_id\":%llu,\"transaction\":"
		"\"s\","
		"\"body\":{\"request\":\"list\"}}",
		1, "\"rtcload\"" },
	{ "create, attach, destroy", "cycle", NULL, 3, "success" },
};
static const struct phase *phase;
static bool is_running;
static uint64_t done, errors;
static struct hist waiting;

static uint64_t number_after(const char *text, const char *key)
{
	const char *at = strstr(text, key);
	return at ? strtoull(at + strlen(key) + strspn(at + strlen(key), " :\n\t"), NULL, 10) : 0;
}

static void call(struct caller *c)
{
	char text[300];
	int n = phase->request
			? snprintf(text, sizeof(text), phase->request,
				  (unsigned long long)c->session, (unsigned long long)c->handle)
			: snprintf(text, sizeof(text),
				  "{\"janus\":\"create\",\"transaction\":\"1\"}");
	ws_send(c->ws, text, (size_t)n);
	c->sent_ns[c->sent++ % IN_FLIGHT] = now_ns();
}

static void on_done(struct caller *c, const char *text)
{
	if (c->sent != c->answered)
		hist_add(&waiting, now_ns() - c->sent_ns[c->answered++ % IN_FLIGHT]);
	errors += !strstr(text, phase->expected);
	done++;
	if (is_running)
		call(c);
}

static void attach_to(struct ws *w, uint64_t session, const char *transaction)
{
	ws_sendf(w,
		"{\"janus\":\"attach\",\"session_id\":%llu,\"plugin\":\"%s\",\"transaction\":\"%"
		"s\"}",
		(unsigned long long)session, opt.plugin, transaction);
}

/* The transaction tells what is answered: C and A open the caller, s is a single request, 1 to 3
 * are a cycle. */
static void on_answer(struct ws *w, const char *text, size_t n)
{
	struct caller *c = w->owner;
	const char *at = strstr(text, "\"transaction\"");
	at = at ? strchr(at + 13, '"') : NULL;
	(void)n;
	if (strstr(text, "\"janus\":\"error\"") || strstr(text, "\"janus\": \"error\"") || !at) {
		errors++;
		return;
	}
	switch (at[1]) {
	case 'C':
		c->session = number_after(text, "\"id\"");
		attach_to(w, c->session, "A");
		break;
	case 'A':
		c->handle = number_after(text, "\"id\"");
		break;
	case '1':
		attach_to(w, number_after(text, "\"id\""), "2");
		break;
	case '2':
		ws_sendf(w, "{\"janus\":\"destroy\",\"session_id\":%llu,\"transaction\":\"3\"}",
			(unsigned long long)number_after(text, "\"session_id\""));
		break;
	default:
		on_done(c, text);
	}
}

static bool are_ready(void *unused)
{
	(void)unused;
	for (int i = 0; i < opt.conns; i++)
		if (!callers[i].handle)
			return false;
	return true;
}

static bool are_silent(void *unused)
{
	(void)unused;
	for (int i = 0; i < opt.conns; i++)
		if (callers[i].sent != callers[i].answered)
			return false;
	return true;
}

static void serve_until(uint64_t end)
{
	while (now_ns() < end)
		ws_service(true);
}

static void start(const struct phase *p)
{
	phase = p;
	is_running = true;
	for (int k = 0; k < opt.depth; k++)
		for (int i = 0; i < opt.conns; i++)
			call(&callers[i]);
	serve_until(now_ns() + WARM_UP);
	hist_reset(&waiting);
	done = errors = 0;
}

static void report_number(const char *what, double v)
{
	char key[64];
	snprintf(key, sizeof(key), "%s_%s", phase->key, what);
	result_real(key, v);
}

static void run(const struct phase *p)
{
	struct spent a, b;
	start(p);
	proc_spent(opt.pid, &a, false);
	double own = proc_own_cpu_s();
	uint64_t begun = now_ns();
	serve_until(begun + (uint64_t)(opt.duration * 1e9));
	double seconds = (double)(now_ns() - begun) / 1e9, requests = (double)done * p->requests;
	proc_spent(opt.pid, &b, false);
	double client_pct = 100 * (proc_own_cpu_s() - own) / seconds, cpu = b.cpu_s - a.cpu_s;
	is_running = false;
	result_row(p->name,
		"%.0f/s, server %.2f us each (%.0f %%), p50 %.3f p99 %.3f ms, client %.0f %%, %llu "
		"errors",
		requests / seconds, requests > 0 ? 1e6 * cpu / requests : 0, 100 * cpu / seconds,
		hist_ms(&waiting, 50), hist_ms(&waiting, 99), client_pct,
		(unsigned long long)errors);
	report_number("per_s", requests / seconds);
	report_number("cpu_us", requests > 0 ? 1e6 * cpu / requests : 0);
	report_number("p50_ms", hist_ms(&waiting, 50));
	report_number("p99_ms", hist_ms(&waiting, 99));
	report_number("server_pct", 100 * cpu / seconds);
	report_number("client_pct", client_pct);
	if (errors || !done)
		result_invalid("%s: %llu errors, %llu answers", p->name, (unsigned long long)errors,
			(unsigned long long)done);
	if (!loop_until(are_silent, NULL, 10))
		result_invalid("%s: requests stayed without an answer", p->name);
}

void scenario_signal(void)
{
	crowd_room(); /* so that a list has something to show */
	callers = make((size_t)opt.conns, sizeof(*callers));
	for (int i = 0; i < opt.conns; i++) {
		callers[i].ws = ws_open(on_answer, &callers[i]);
		ws_sendf(callers[i].ws, "{\"janus\":\"create\",\"transaction\":\"C\"}");
	}
	if (!loop_until(are_ready, NULL, 15))
		die("signal: the connections did not get ready");
	idle_open(opt.idle_ws);
	result_begin("%d WebSockets with %d requests in flight on each, %d silent ones beside",
		opt.conns, opt.depth, opt.idle_ws);
	result_int("idle_ws", opt.idle_ws);
	for (size_t i = 0; i < sizeof(phases) / sizeof(*phases); i++)
		run(&phases[i]);
	result_end();
	idle_close();
	crowd_leave();
}
