/* SPDX-License-Identifier: Apache-2.0 */
/* The scenario `capacity`: subscribers are added until the server no longer keeps up. On crowd.h
 * and window.h, like media.c. */
#include <stdbool.h>
#include <string.h>
#include "crowd.h"
#include "loop.h"
#include "options.h"
#include "result.h"
#include "scenario.h"
#include "source.h"
#include "verdict.h"
#include "window.h"

#define TRIES     10
#define FAILURES  3
#define DISTURBED 25.0 /* percent of a core */
#define FULL      90.0
#define NEAR      70.0 /* smaller steps from there on */

struct level {
	int n;
	bool is_held;
	double server_pct, client_pct, us_per_packet, p99_ms;
	/* what a failure is put down to; "client" stands for all but the server */
	const char *limit;
};

/* Was it the server's fault, if it did not hold? */
static const char *limit_of(const struct level *l, const struct window *w)
{
	bool others_were_busy = window_others_pct(w) > DISTURBED && l->server_pct < FULL;
	if (!verdict_is_load_reached(w) || verdict_is_client_late() || others_were_busy)
		return "client";
	return l->server_pct > FULL ? "server CPU" : "server, before its CPU was full";
}

static void fill(struct level *l, const struct window *w)
{
	l->server_pct = window_cpu_pct(w);
	l->client_pct = window_client_pct(w);
	l->us_per_packet = window_us_per_packet(w);
	l->p99_ms = window_p99_ms();
	l->limit = limit_of(l, w);
	l->is_held = verdict_is_load_reached(w) && w->loss_pct < opt.max_loss &&
		     l->p99_ms < opt.max_p99 && !w->stalled;
}

static void try_level(struct level *l, int attempt)
{
	struct window w;
	result_begin("capacity: %d subscribers, try %d", l->n, attempt + 1);
	result_text("kind", "level");
	result_int("subs", l->n);
	window_measure(&w, opt.duration, NULL);
	window_report(&w);
	fill(l, &w);
	result_int("is_held", l->is_held);
	result_end();
}

/* A failed try counts when it was the server's: three of these are enough. The others may end by
 * themselves. */
static void hold(struct level *l)
{
	int failures = 0;
	l->is_held = false;
	for (int t = 0; t < TRIES && failures < FAILURES && !l->is_held; t++) {
		loop_for(opt.settle);
		try_level(l, t);
		failures += !l->is_held && strcmp(l->limit, "client") != 0;
	}
}

static void report(const struct level *best, const char *limit)
{
	int by_cpu = best->server_pct > 0 ? (int)(best->n * 95.0 / best->server_pct) : 0;
	result_begin("capacity: %d subscribers held; limit: %s", best->n, limit);
	result_row("at that level", "server %.0f %%, client %.0f %%, p99 %.2f ms", best->server_pct,
		best->client_pct, best->p99_ms);
	result_row("by the share of CPU", "%d would fill 95 %% of the server's core", by_cpu);
	result_text("kind", "capacity");
	result_int("held", best->n);
	result_int("extrapolated", by_cpu);
	result_text("limit", limit);
	result_real("server_pct", best->server_pct);
	result_real("client_pct", best->client_pct);
	result_real("cpu_us_per_packet", best->us_per_packet);
	result_real("p99_ms", best->p99_ms);
	result_end();
}

void scenario_capacity(void)
{
	struct level now = { 0 }, best = { 0 };
	const char *limit = "the highest level asked for";
	crowd_room();
	struct handle *publisher = crowd_add(NULL, PART_PUBLISHER, NULL, 0);
	crowd_wait();
	while (now.n < opt.max) {
		int step = opt.step;
		if (!now.n)
			step = opt.subs;
		else if (best.server_pct > NEAR)
			step = (opt.step + 3) / 4;
		sources_pause(); /* thousands join faster when nobody has to be served meanwhile */
		for (int i = 0; i < step && now.n < opt.max; i++, now.n++)
			crowd_add(NULL, PART_SUBSCRIBER, &publisher, 1);
		crowd_wait();
		sources_resume();
		hold(&now);
		if (!now.is_held) {
			limit = now.limit;
			break;
		}
		best = now;
	}
	report(&best, limit);
	crowd_leave();
}
