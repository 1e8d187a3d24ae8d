/* SPDX-License-Identifier: Apache-2.0 */
/* The scenario `setup`: how many connections a second come up, and how long each takes. */
#include <stdlib.h>
#include "base.h"
#include "crowd.h"
#include "hist.h"
#include "loop.h"
#include "options.h"
#include "peer.h"
#include "proc.h"
#include "result.h"
#include "scenario.h"
#include "source.h"

#define GIVE_UP   (15 * NS_PER_S) /* a connection that is not up by then never will be */
#define LAST_WAIT (20 * NS_PER_S)

static int oldest; /* of the crowd, that is still of interest */

/* Those that are up are held for a while. @return how many are on their way */
static int tend(uint64_t now)
{
	int waiting = 0;
	for (int i = oldest; i < n_crowd; i++) {
		struct handle *h = crowd[i];
		if (h->is_done || h->has_failed)
			continue;
		if (h->is_up) {
			if (now > h->up_ns + (uint64_t)(opt.hold_ms * 1e6))
				client_detach(h);
		} else if (h->attach_ns && now > h->attach_ns + GIVE_UP) {
			h->has_failed = true;
			client_detach(h);
		} else {
			waiting++;
		}
	}
	while (oldest < n_crowd && (crowd[oldest]->is_done || crowd[oldest]->has_failed))
		oldest++;
	return waiting;
}

/* The next handle on one of the WebSockets in turn; nobody is waited for. */
static void add_next(struct client **clients)
{
	static int turn;
	crowd = grow(crowd, sizeof(*crowd) * (size_t)(n_crowd + 1));
	crowd[n_crowd++] = client_attach(clients[turn++ % opt.conns], PART_ECHO, NULL, 0);
}

static double offer_for(struct client **clients, double seconds, int *most)
{
	uint64_t begun = now_ns(), end = begun + (uint64_t)(seconds * 1e9),
		 gap = (uint64_t)(1e9 / opt.rate);
	for (uint64_t next = begun, now; (now = now_ns()) < end;) {
		for (; now >= next && n_crowd - oldest < opt.max; next += gap)
			add_next(clients);
		loop_turn();
		int waiting = tend(now);
		if (waiting > *most)
			*most = waiting;
	}
	return (double)(now_ns() - begun) / 1e9;
}

static void await_rest(void)
{
	uint64_t end = now_ns() + LAST_WAIT;
	while (tend(now_ns()) && now_ns() < end)
		loop_turn();
}

static int count_up(void)
{
	int n = 0;
	for (int i = 0; i < n_crowd; i++)
		n += crowd[i]->up_ns > 0;
	return n;
}

static void report_times(void)
{
	enum { WHOLE, ATTACH, ANSWER, KINDS };
	struct hist *h = make(KINDS, sizeof(*h));
	for (int i = 0; i < n_crowd; i++) {
		const struct handle *one = crowd[i];
		if (!one->up_ns)
			continue;
		hist_add(&h[WHOLE], one->up_ns - one->attach_ns);
		hist_add(&h[ATTACH], one->attached_ns - one->attach_ns);
		hist_add(&h[ANSWER],
			one->sdp_ns > one->attached_ns ? one->sdp_ns - one->attached_ns : 0);
	}
	result_row("attach to webrtcup", "p50 %.2f  p99 %.2f  max %.2f ms", hist_ms(&h[WHOLE], 50),
		hist_ms(&h[WHOLE], 99), hist_max_ms(&h[WHOLE]));
	result_row("  attach / SDP answer after it", "p50 %.2f / %.2f ms", hist_ms(&h[ATTACH], 50),
		hist_ms(&h[ANSWER], 50));
	result_real("setup_p50_ms", hist_ms(&h[WHOLE], 50));
	result_real("setup_p99_ms", hist_ms(&h[WHOLE], 99));
	result_real("attach_p50_ms", hist_ms(&h[ATTACH], 50));
	result_real("answer_p50_ms", hist_ms(&h[ANSWER], 50));
	free(h);
}

static void report_cost(const struct spent *a, const struct spent *b, double seconds, int up)
{
	double ms = up ? 1e3 * (b->cpu_s - a->cpu_s) / up : 0;
	result_row("server CPU per set-up",
		"%.3f ms, %.0f a second would fill a core (now %.1f %%)", ms, ms > 0 ? 1e3 / ms : 0,
		100 * (b->cpu_s - a->cpu_s) / seconds);
	result_real("cpu_ms_per_setup", ms);
	result_real("setups_per_core", ms > 0 ? 1e3 / ms : 0);
	result_real("server_pct", 100 * (b->cpu_s - a->cpu_s) / seconds);
	result_int("rss_kib_before", (int64_t)a->rss_kib);
	result_int("rss_kib_after", (int64_t)b->rss_kib);
}

void scenario_setup(void)
{
	struct client **clients = make((size_t)opt.conns, sizeof(*clients));
	struct spent a, b;
	int most = 0;
	for (int i = 0; i < opt.conns; i++)
		clients[i] = crowd_client();
	crowd_sessions();
	sources_pause();
	loop_for(0.3);
	result_begin("set-up of %.0f connections a second", opt.rate);
	proc_spent(opt.pid, &a, false);
	double own = proc_own_cpu_s();
	uint64_t begun = now_ns();
	double seconds = offer_for(clients, opt.duration, &most);
	int in_time = count_up();
	double client_pct = 100 * (proc_own_cpu_s() - own) / seconds;
	await_rest();
	proc_spent(opt.pid, &b, false);
	int up = count_up();
	result_row("completed", "%.1f/s (%d up, %d failed, at most %d on their way)",
		in_time / seconds, up, n_crowd - up, most);
	report_times();
	report_cost(&a, &b, (double)(now_ns() - begun) / 1e9, up);
	result_row("client", "%.1f %%", client_pct);
	result_real("offered_per_s", opt.rate);
	result_real("completed_per_s", in_time / seconds);
	result_int("failed", n_crowd - up);
	result_real("client_pct", client_pct);
	if (!up)
		result_invalid("no connection came up");
	result_end();
	crowd_leave();
	free(clients);
}
