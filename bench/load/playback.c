/* SPDX-License-Identifier: Apache-2.0 */
/* The scenario `playback`: a recording is made, then played to opt.subs viewers between two
 * broadcasts of the same media to as many, in one run, so that what playing costs beside a
 * broadcast can be told from the noise of the machine. */
#include <stdlib.h>
#include "base.h"
#include "crowd.h"
#include "loop.h"
#include "options.h"
#include "part.h"
#include "result.h"
#include "scenario.h"
#include "source.h"
#include "verdict.h"
#include "window.h"

#define SPARE   4.0 /* seconds of the recording beyond what is measured */
#define WHOLE_S 20  /* within which a recording of that length is whole */

static bool is_done(void *handle)
{
	return ((struct handle *)handle)->is_done;
}

static struct handle *record(void)
{
	struct handle *h = crowd_add(NULL, PART_RECORDER, NULL, 0);
	crowd_wait();
	loop_for(opt.settle + opt.duration + SPARE);
	part_ask(h, "stop");
	if (!loop_until(is_done, h, WHOLE_S))
		die("the recording was not made: %s", h->why);
	crowd_leave();
	return h;
}

static void broadcast(struct window *w)
{
	opt.room++; /* that of the last broadcast may be there still */
	crowd_room();
	struct handle *publisher = crowd_add(NULL, PART_PUBLISHER, NULL, 0);
	crowd_wait();
	for (int i = 0; i < opt.subs; i++)
		crowd_add(NULL, PART_SUBSCRIBER, &publisher, 1);
	crowd_wait();
	loop_for(opt.settle);
	window_measure(w, opt.duration, NULL);
	verdict_on_window(w);
	crowd_leave();
}

/* Who plays for himself begins at a time of his own: over one frame, as publishers do. */
static void play(bool on)
{
	for (int i = 0; i < n_crowd; i++) {
		if (crowd[i]->part != PART_VIEWER)
			continue;
		part_ask(crowd[i], on ? "resume" : "pause");
		ws_service(false);
		if (on)
			loop_for(1 / opt.fps / n_crowd);
	}
}

static void playback(struct window *w, struct handle *recorder)
{
	for (int i = 0; i < opt.subs; i++) {
		crowd_add(NULL, i && !opt.apart ? PART_JOINER : PART_VIEWER, &recorder, 1);
		if (!i)
			crowd_wait();
	}
	crowd_wait();
	window_drive(play);
	play(true);
	loop_for(opt.settle);
	window_measure(w, opt.duration, NULL);
	window_report(w);
	crowd_leave();
	window_drive(NULL);
}

static void report(
	const struct window *before, const struct window *played, const struct window *after)
{
	double cast = (window_us_per_packet(before) + window_us_per_packet(after)) / 2;
	double ratio = cast > 0 ? window_us_per_packet(played) / cast : 0;
	result_row("the broadcasts", "%.3f and %.3f us", window_us_per_packet(before),
		window_us_per_packet(after));
	result_row("a playback costs", "%.3f times as much", ratio);
	result_int("subs", opt.subs);
	result_int("apart", opt.apart);
	result_real("broadcast_us_per_packet", cast);
	result_real("playback_ratio", ratio);
}

void scenario_playback(void)
{
	struct window before, played, after;
	struct handle *recorder = record();
	result_begin(
		opt.apart ? "a recording, played by each of %d" : "a playback to %d", opt.subs);
	broadcast(&before);
	playback(&played, recorder);
	broadcast(&after);
	report(&before, &played, &after);
	result_end();
}
