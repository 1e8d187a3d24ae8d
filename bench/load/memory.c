/* SPDX-License-Identifier: Apache-2.0 */
/* The scenario `memory`: what a participant costs the server at rest, by its resident bytes
 * (proc.h). */
#include <stdio.h>
#include <stdlib.h>
#include "base.h"
#include "crowd.h"
#include "loop.h"
#include "options.h"
#include "peer.h"
#include "proc.h"
#include "result.h"
#include "scenario.h"
#include "source.h"

/* participants before the first reading, so that what is paid once is not counted */
#define WARM 8
#define REST 0.7 /* seconds before a reading */

static uint64_t rss_at_rest(void)
{
	struct spent s;
	loop_for(REST);
	proc_spent(opt.pid, &s, false);
	return s.rss_kib;
}

static struct handle *begin(void)
{
	crowd_room();
	struct handle *publisher = crowd_add(NULL, PART_PUBLISHER, NULL, 0);
	crowd_wait();
	for (int i = 0; i < WARM; i++) {
		struct client *c = crowd_client();
		crowd_add(c, PART_PLAIN, NULL, 0);
		crowd_add(c, PART_SUBSCRIBER, &publisher, 1);
	}
	crowd_wait();
	loop_for(1); /* media flows: the last of the handshakes is over */
	sources_pause();
	return publisher;
}

static void per_one(const char *what, const char *key, uint64_t before, uint64_t after)
{
	double kib = ((double)after - (double)before) / opt.peers;
	result_row(what, "%.1f KiB", kib);
	result_real(key, kib);
}

/* @p when: a prefix of the keys */
static void report_idle(const char *what, const char *when)
{
	struct spent a, b;
	char key[40];
	loop_is_eager = false;
	loop_for(0.2);
	proc_spent(opt.pid, &a, true);
	uint64_t begun = now_ns();
	loop_for(opt.duration);
	double seconds = (double)(now_ns() - begun) / 1e9;
	proc_spent(opt.pid, &b, true);
	loop_is_eager = true;
	double pct = 100 * (b.cpu_s - a.cpu_s) / seconds,
	       waits = (double)(b.waits - a.waits) / seconds;
	result_row(what, "%.2f %% of a core, %.0f wake-ups a second, %d threads, RSS %.1f MiB", pct,
		waits, b.threads, (double)b.rss_kib / 1024);
	snprintf(key, sizeof(key), "%s_pct", when);
	result_real(key, pct);
	snprintf(key, sizeof(key), "%s_waits_per_s", when);
	result_real(key, waits);
	snprintf(key, sizeof(key), "%s_rss_kib", when);
	result_int(key, (int64_t)b.rss_kib);
	result_int("threads", b.threads);
}

static void add_to_all(struct client **clients, enum part part, struct handle *publisher)
{
	for (int i = 0; i < opt.peers; i++)
		crowd_add(clients[i], part, &publisher, publisher != NULL);
	crowd_wait();
}

static void media_for(double seconds)
{
	sources_resume();
	loop_for(seconds);
	sources_pause();
}

static void connect_all(struct client **clients)
{
	for (int i = 0; i < opt.peers; i++) {
		clients[i] = crowd_client();
		for (int k = 0; k < 4; k++) /* no storm of connections */
			loop_turn();
	}
	crowd_sessions();
}

void scenario_memory(void)
{
	struct handle *publisher = begin();
	struct client **clients = make((size_t)opt.peers, sizeof(*clients));
	uint64_t rss[5];
	rss[0] = rss_at_rest();
	connect_all(clients);
	rss[1] = rss_at_rest();
	add_to_all(clients, PART_PLAIN, NULL);
	rss[2] = rss_at_rest();
	add_to_all(clients, PART_SUBSCRIBER, publisher);
	rss[3] = rss_at_rest();
	result_begin("%d sessions, each with a WebSocket, a bare handle and an idle subscription",
		opt.peers);
	result_int("peers", opt.peers);
	result_int("rss_kib_start", (int64_t)rss[0]);
	per_one("session and WebSocket", "kib_per_session", rss[0], rss[1]);
	per_one("bare handle", "kib_per_handle", rss[1], rss[2]);
	per_one("subscriber, never had media", "kib_per_connection", rss[2], rss[3]);
	report_idle("idle, never had media", "idle");
	media_for(1.5);
	rss[4] = rss_at_rest();
	per_one("subscriber, had media", "kib_per_used_connection", rss[2], rss[4]);
	report_idle("idle, had media", "used_idle");
	crowd_leave();
	uint64_t left = rss_at_rest();
	result_row("RSS at start / after all", "%.1f / %.1f MiB", (double)rss[0] / 1024,
		(double)left / 1024);
	result_int("rss_kib_after", (int64_t)left);
	result_end();
	free(clients);
}
