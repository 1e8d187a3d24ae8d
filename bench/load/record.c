/* SPDX-License-Identifier: Apache-2.0 */
/* The scenario `record`: the same echo calls unrecorded, recorded and unrecorded again, in one run,
 * so that what recording adds can be told from the noise of the machine. */
#include <stdlib.h>
#include "base.h"
#include "crowd.h"
#include "loop.h"
#include "options.h"
#include "part.h"
#include "proc.h"
#include "result.h"
#include "scenario.h"
#include "source.h"
#include "verdict.h"
#include "window.h"

#define FINISH_QUIET 1.0 /* seconds in which less than a tick's CPU is used: files are whole */
#define FINISH_MOST  60
#define IDLE_SHARE   0.05 /* of a core */

struct cost {
	double worker_us, process_us; /* per sent packet */
};

static struct cost cost_of(const struct window *w)
{
	double n = w->expected ? (double)w->expected : 1;
	return (struct cost){ 1e6 * w->worker_s / n, 1e6 * window_cpu_pct(w) / 100 * w->span / n };
}

static void record(int from, int to, bool on)
{
	for (int i = from; i < to; i++)
		part_record(crowd[i], on);
	loop_for(1); /* heads are written, keyframes asked for and there */
}

static double cpu_s(void)
{
	struct spent s;
	proc_spent(opt.pid, &s, false);
	return s.cpu_s;
}

static uint64_t rss_kib(void)
{
	struct spent s;
	proc_spent(opt.pid, &s, true);
	return s.rss_kib;
}

/* Files are made whole while no media runs. @return CPU seconds of that */
static double finish(void)
{
	double begun = cpu_s(), before = begun, last, waited = 0;
	sources_pause();
	record(0, n_crowd, false);
	do {
		last = before;
		loop_for(FINISH_QUIET);
		before = cpu_s();
		waited += FINISH_QUIET;
	} while (before - last > IDLE_SHARE * FINISH_QUIET && waited < FINISH_MOST);
	sources_resume();
	return before - begun;
}

static void warm_up(void) /* the module is loaded, the thread's memory used */
{
	record(0, 1, true);
	loop_for(1);
	finish();
}

static void report(const struct window *w, double finish_s, double kib)
{
	struct cost off[2] = { cost_of(&w[0]), cost_of(&w[2]) }, on = cost_of(&w[1]);
	double worker = on.worker_us - (off[0].worker_us + off[1].worker_us) / 2;
	double process = on.process_us - (off[0].process_us + off[1].process_us) / 2;
	double finishing = 1e6 * finish_s / (double)(w[1].expected ? w[1].expected : 1);
	result_row("unrecorded, a sent packet", "worker %.3f and %.3f us, process %.3f and %.3f us",
		off[0].worker_us, off[1].worker_us, off[0].process_us, off[1].process_us);
	result_row("recorded", "worker %.3f us, process %.3f us", on.worker_us, on.process_us);
	result_row("recording adds", "worker %.3f us, process %.3f us", worker, process);
	result_row("files made whole", "%.3f s, %.3f us a packet", finish_s, finishing);
	result_row("memory of a recording", "%.0f KiB", kib);
	result_real("record_worker_us", worker);
	result_real("record_process_us", process);
	result_real("finish_us", finishing);
	result_real("kib_per_recording", kib);
}

void scenario_record(void)
{
	struct window w[3];
	for (int i = 0; i < opt.peers; i++)
		crowd_add(NULL, PART_ECHO, NULL, 0);
	crowd_wait();
	loop_for(opt.settle);
	warm_up();
	result_begin("echo of %d, recorded", opt.peers);
	result_int("peers", opt.peers);
	window_measure(&w[0], opt.duration, NULL);
	verdict_on_window(&w[0]);
	uint64_t before = rss_kib();
	record(0, n_crowd, true);
	window_measure(&w[1], opt.duration, NULL);
	double kib = ((double)rss_kib() - (double)before) / opt.peers;
	window_report(&w[1]);
	double finish_s = finish();
	loop_for(opt.settle);
	window_measure(&w[2], opt.duration, NULL);
	verdict_on_window(&w[2]);
	report(w, finish_s, kib);
	result_end();
	crowd_leave();
}
