/* SPDX-License-Identifier: Apache-2.0 */
/** The measurement: publishers pause until nothing arrives any more, counters are marked, media
 *  runs for a while and stops, and what is on its way is waited for. So loss is exact, and CPU time
 *  and packets belong together. */
#ifndef LOAD_WINDOW_H
#define LOAD_WINDOW_H
#include <stdbool.h>
#include "proc.h"

struct peer;

struct window {
	double seconds; /* media was sent */
	double span;    /* over which CPU time was taken: a little longer */
	uint64_t expected, delivered, delivered_in_span;
	int receivers, stalled; /* stalled: got nothing at all */
	double nominal_pps;     /* what the options ask for */
	double loss_pct, worst_loss_pct;
	struct spent before, start, end, after;
	struct machine machine[2];
	double busiest_s; /* CPU time of the server's busiest thread */
	double worker_s;  /* of its media workers */
	double client_s;  /* our own CPU time over the span */
	uint64_t client_drops, server_drops, send_errors, flooded;
};

/** What begins and stops media: sources when it is not said. */
void window_drive(void (*media)(bool on));
/** Measure the media of all peers; with @p target, flood its port meanwhile. */
void window_measure(struct window *w, double seconds, struct peer *target);
/** Add it to the result that was begun. */
void window_report(const struct window *w);
double window_us_per_packet(const struct window *w); /**< Server's CPU per delivered packet. */
double window_cpu_pct(const struct window *w);       /**< Of one core, server. */
double window_client_pct(const struct window *w);
double window_others_pct(const struct window *w); /**< Everything else on the machine. */
/** Network work of the kernel on nobody's account. */
double window_softirq_pct(const struct window *w);
double window_p99_ms(void); /**< Of the kind that is worse. */
#endif
