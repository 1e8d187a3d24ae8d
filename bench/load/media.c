/* SPDX-License-Identifier: Apache-2.0 */
/* The scenarios that measure one level of media: broadcast, conference, echo, flood. They fill a
 * room (crowd.h) and measure it (window.h). */
#include <stdlib.h>
#include "base.h"
#include "crowd.h"
#include "hist.h"
#include "loop.h"
#include "options.h"
#include "result.h"
#include "scenario.h"
#include "verdict.h"
#include "window.h"

#define FEEDS 256

static void report_load(void)
{
	result_real("video_kbps", opt.no_video ? 0 : opt.bitrate);
	result_int("audio", opt.audio);
}

/* How long those took that are up. */
static void report_setup(void)
{
	struct hist *h = make(1, sizeof(*h));
	for (int i = 0; i < n_crowd; i++)
		if (crowd[i]->up_ns)
			hist_add(h, crowd[i]->up_ns - crowd[i]->attach_ns);
	result_row("attach to webrtcup", "p50 %.1f  p99 %.1f ms", hist_ms(h, 50), hist_ms(h, 99));
	result_real("setup_p50_ms", hist_ms(h, 50));
	result_real("setup_p99_ms", hist_ms(h, 99));
	free(h);
}

static void measure_and_leave(void)
{
	struct window w;
	report_load();
	window_measure(&w, opt.duration, NULL);
	window_report(&w);
	report_setup();
	result_end();
	crowd_leave();
}

static struct handle *one_publisher(void)
{
	crowd_room();
	struct handle *publisher = crowd_add(NULL, PART_PUBLISHER, NULL, 0);
	crowd_wait();
	return publisher;
}

static void add_subscribers(struct handle *publisher, int n)
{
	for (int i = 0; i < n; i++)
		crowd_add(NULL, PART_SUBSCRIBER, &publisher, 1);
	crowd_wait();
}

void scenario_broadcast(void)
{
	add_subscribers(one_publisher(), opt.subs);
	loop_for(opt.settle);
	result_begin("broadcast 1 to %d", opt.subs);
	result_int("subs", opt.subs);
	measure_and_leave();
}

void scenario_flood(void)
{
	struct window quiet, flooded;
	struct handle *publisher = one_publisher();
	add_subscribers(publisher, opt.subs);
	loop_for(opt.settle);
	result_begin("%s at the media port beside a broadcast 1 to %d", opt.flood ? opt.flood : "?",
		opt.subs);
	report_load();
	window_measure(&quiet, opt.duration, NULL);
	verdict_on_window(&quiet);
	window_measure(&flooded, opt.duration, publisher->peer);
	window_report(&flooded);
	double pps = (double)flooded.flooded / flooded.seconds;
	double taken = flooded.flooded > flooded.server_drops
			       ? (double)(flooded.flooded - flooded.server_drops)
			       : 1;
	double extra = (window_cpu_pct(&flooded) - window_cpu_pct(&quiet)) / 100 * flooded.span;
	result_row("flood", "%.0f packets/s, %.3f us of server CPU each", pps, 1e6 * extra / taken);
	result_row("without it", "server %.1f %%, loss %.4f %%", window_cpu_pct(&quiet),
		quiet.loss_pct);
	result_text("flood", opt.flood);
	result_real("flood_pps", pps);
	result_real("flood_us_per_packet", 1e6 * extra / taken);
	result_real("quiet_loss_pct", quiet.loss_pct);
	result_real("quiet_server_pct", window_cpu_pct(&quiet));
	result_end();
	crowd_leave();
}

static void subscribe_to_others(struct handle **publishers, int n, int self)
{
	struct handle *feeds[FEEDS];
	int k = 0;
	for (int i = 0; i < n && k < FEEDS; i++)
		if (i != self)
			feeds[k++] = publishers[i];
	struct client *c = publishers[self]->client;
	if (opt.multi)
		crowd_add(c, PART_SUBSCRIBER, feeds, k);
	for (int i = 0; !opt.multi && i < k; i++)
		crowd_add(c, PART_SUBSCRIBER, &feeds[i], 1);
}

void scenario_conference(void)
{
	int n = opt.pubs;
	struct handle **publishers = make((size_t)n, sizeof(*publishers));
	crowd_room();
	for (int i = 0; i < n; i++)
		publishers[i] = crowd_add(NULL, PART_PUBLISHER, NULL, 0);
	crowd_wait();
	for (int i = 0; i < n; i++)
		subscribe_to_others(publishers, n, i);
	crowd_wait();
	loop_for(opt.settle);
	result_begin("conference of %d, %s", n,
		opt.multi ? "one subscription connection each" : "a connection per feed");
	result_int("pubs", n);
	result_int("multi", opt.multi);
	measure_and_leave();
	free(publishers);
}

void scenario_echo(void)
{
	for (int i = 0; i < opt.peers; i++)
		crowd_add(NULL, PART_ECHO, NULL, 0);
	crowd_wait();
	loop_for(opt.settle);
	result_begin("echo of %d", opt.peers);
	result_int("peers", opt.peers);
	measure_and_leave();
}
