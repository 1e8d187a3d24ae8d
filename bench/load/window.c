/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include "base.h"
#include "flood.h"
#include "loop.h"
#include "options.h"
#include "peer.h"
#include "sink.h"
#include "source.h"
#include "window.h"

#define SAMPLES_PER_S 2000.0
#define QUIET_BEFORE  0.4 /* seconds without a packet that end a pause */
#define QUIET_AFTER   0.3
#define TAIL          0.05 /* seconds in which the last packets of a server that keeps up arrive */

static void drive_sources(bool on)
{
	if (on)
		sources_resume();
	else
		sources_pause();
}

static void (*media)(bool on) = drive_sources;

void window_drive(void (*other)(bool on))
{
	media = other ? other : drive_sources;
}

static uint64_t received(void)
{
	uint64_t n = 0;
	for (int i = 0; i < n_peers; i++)
		n += peers[i]->sink.unique;
	return n;
}

/* An overloaded server with a thread for each peer can leave a socket unread for hundreds of
 * milliseconds. */
static void drain(double quiet_s, double limit_s)
{
	uint64_t last = received(), since = now_ns(), end = since + (uint64_t)(limit_s * 1e9);
	while (now_ns() < end && now_ns() - since < (uint64_t)(quiet_s * 1e9)) {
		loop_turn();
		uint64_t now = received();
		if (now == last)
			continue;
		last = now;
		since = now_ns();
	}
}

static void count_receivers(struct window *w)
{
	double each = (opt.no_video ? 0 : opt.bitrate * 1000.0 / 8.0 / opt.pkt_size) +
		      (opt.audio ? 50 : 0);
	for (int i = 0; i < n_peers; i++) {
		int n = peers[i]->n_feeds + peers[i]->is_viewer;
		w->receivers += n > 0;
		w->nominal_pps += n * each;
	}
	sink_sample_every = opt.sample > 0 ? opt.sample : 1 + (int)(w->nominal_pps / SAMPLES_PER_S);
}

static void mark(struct window *w)
{
	for (int i = 0; i < n_peers; i++)
		peers[i]->sent_mark = peer_sent(peers[i]);
	sinks_mark();
	hist_reset(&source_lateness);
	sink_is_measuring = true;
	w->client_drops = proc_own_udp_drops();
	w->send_errors = send_errors;
	proc_spent(opt.pid, &w->before, true);
}

static void run(struct window *w, double seconds, struct peer *target)
{
	static struct threads threads[2];
	uint64_t before = received();
	proc_threads(opt.pid, &threads[0]);
	proc_machine(&w->machine[0]);
	proc_spent(opt.pid, &w->start, false);
	double own = proc_own_cpu_s();
	uint64_t begun = now_ns();
	media(true);
	if (target)
		flood_start(target);
	loop_for(seconds);
	w->seconds = (double)(now_ns() - begun) / 1e9;
	w->flooded = target ? flood_sent() : 0;
	flood_stop();
	media(false);
	loop_for(TAIL);
	proc_spent(opt.pid, &w->end, false);
	w->client_s = proc_own_cpu_s() - own;
	w->span = (double)(now_ns() - begun) / 1e9;
	proc_machine(&w->machine[1]);
	w->delivered_in_span = received() - before;
	proc_threads(opt.pid, &threads[1]);
	w->worker_s = proc_named_s(&threads[0], &threads[1], "media");
	w->busiest_s = proc_busiest_s(&threads[0], &threads[1]);
}

static void count_packets(struct window *w)
{
	for (int i = 0; i < n_peers; i++) {
		const struct peer *p = peers[i];
		uint64_t expected = 0, got = p->sink.unique - p->sink.mark;
		if (!p->n_feeds && !p->is_viewer)
			continue;
		for (int k = 0; k < p->n_feeds; k++)
			expected += peer_sent(p->feeds[k]) - p->feeds[k]->sent_mark;
		if (p->is_viewer)
			expected = sink_expected(&p->sink) - p->sink.expected_mark;
		double loss = expected ? 100.0 * (1.0 - (double)got / (double)expected) : 0;
		w->expected += expected;
		w->delivered += got;
		w->stalled += !got;
		if (loss > w->worst_loss_pct)
			w->worst_loss_pct = loss;
	}
	w->loss_pct = w->expected ? 100.0 * (1.0 - (double)w->delivered / (double)w->expected) : 0;
}

void window_measure(struct window *w, double seconds, struct peer *target)
{
	*w = (struct window){ 0 };
	count_receivers(w);
	loop_is_eager = false;
	peers_watch(false);
	media(false);
	loop_for(0.1);
	drain(QUIET_BEFORE, 20);
	mark(w);
	run(w, seconds, target);
	drain(QUIET_AFTER, 5);
	sink_is_measuring = false;
	proc_spent(opt.pid, &w->after, true);
	w->client_drops = proc_own_udp_drops() - w->client_drops;
	w->send_errors = send_errors - w->send_errors;
	w->server_drops = w->after.udp_drops - w->before.udp_drops;
	count_packets(w);
	loop_is_eager = true;
	peers_watch(true);
	media(true);
}

static double cpu_s(const struct window *w)
{
	return w->end.cpu_s - w->start.cpu_s;
}

double window_us_per_packet(const struct window *w)
{
	return w->delivered_in_span ? 1e6 * cpu_s(w) / (double)w->delivered_in_span : 0;
}

double window_cpu_pct(const struct window *w)
{
	return 100.0 * cpu_s(w) / w->span;
}

double window_client_pct(const struct window *w)
{
	return 100.0 * w->client_s / w->span;
}

double window_others_pct(const struct window *w)
{
	double rest = proc_busy_pct(&w->machine[0], &w->machine[1]) - window_cpu_pct(w) -
		      window_client_pct(w);
	return rest > 0 ? rest : 0;
}

double window_softirq_pct(const struct window *w)
{
	return 100.0 * (w->machine[1].softirq_s - w->machine[0].softirq_s) / w->span;
}

double window_p99_ms(void)
{
	double audio = hist_ms(&sink_latency[0], 99), video = hist_ms(&sink_latency[1], 99);
	return audio > video ? audio : video;
}
