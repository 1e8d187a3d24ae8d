/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include "../base/clock.h"
#include "../base/loop.h"
#include "../rtc/rtc.h"
#include "options.h"
#include "tune.h"

#define WORKERS_MAX 64
#define RETRY_US    (50 * US_PER_MS)

static struct loop *loop;
static bool is_due[WORKERS_MAX]; /* this worker does not know the newest values */
static void tell(void *arg);
static struct wheel_timer retry = { .fn = tell };

static void tell(void *arg)
{
	const struct router_conf *c = &settings.rtc.router;
	const struct router_tuning t = { c->nack_history_us, c->no_media_s, c->slowlink_threshold };
	bool waits = false;
	(void)arg;
	for (unsigned w = 0; w < settings.rtc.workers && w < WORKERS_MAX; w++) {
		is_due[w] = is_due[w] && rtc_tune(w, &t) == ERR_FULL;
		waits |= is_due[w];
	}
	if (waits)
		wheel_set(loop_wheel(loop), &retry, loop_now(loop) + RETRY_US);
}

void tune_start(struct loop *on)
{
	loop = on;
}

void tune_stop(void)
{
	if (loop)
		wheel_cancel(loop_wheel(loop), &retry);
	loop = NULL;
}

void tune_workers(void)
{
	for (unsigned w = 0; w < WORKERS_MAX; w++)
		is_due[w] = true;
	tell(NULL);
}
