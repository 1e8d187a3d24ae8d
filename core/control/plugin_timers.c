/* SPDX-License-Identifier: Apache-2.0 */
#include <cardea/plugin.h>
#include <glib.h>
#include "../base/clock.h"
#include "../base/id.h"
#include "../base/loop.h"
#include "hook.h"
#include "plugin_timers.h"

#define TIMERS_MAX 4096

struct timer {
	uint64_t id;
	int64_t interval_us;
	void (*fn)(void *arg);
	void *arg;
	const struct cardea_plugin *of;
	struct wheel_timer at;
	bool running, stopped;
};

static struct loop *loop;
static struct ids *timers;

void plugin_timers_start(struct loop *on)
{
	loop = on;
	timers = ids_create(TIMERS_MAX);
}

static void timer_free(struct timer *t)
{
	wheel_cancel(loop_wheel(loop), &t->at);
	ids_free(timers, t->id);
	g_free(t);
}

void plugin_timers_stop(void)
{
	uint32_t slot = 0;
	struct timer *t;
	if (!timers)
		return;
	while ((t = ids_next(timers, &slot)))
		timer_free(t);
	ids_destroy(timers);
	timers = NULL;
}

void plugin_timers_end(const struct cardea_plugin *of)
{
	uint32_t slot = 0;
	struct timer *t;
	while ((t = ids_next(timers, &slot)))
		if (t->of == of)
			cardea_timer_stop(t->id);
}

static void tick(void *arg)
{
	struct timer *t = arg;
	t->running = true;
	struct hook hook;
	hook_enter(&hook, t->of, "timer");
	t->fn(t->arg);
	hook_leave(&hook);
	t->running = false;
	if (t->stopped)
		timer_free(t);
	else
		wheel_set(loop_wheel(loop), &t->at, t->at.at_us + t->interval_us);
}

uint64_t cardea_timer(unsigned interval_ms, void (*fn)(void *arg), void *arg)
{
	struct timer *t = g_new0(struct timer, 1);
	t->interval_us = (interval_ms ? interval_ms : 1) * US_PER_MS;
	t->fn = fn;
	t->arg = arg;
	t->of = hook_of();
	t->at = (struct wheel_timer){ .fn = tick, .arg = t };
	t->id = ids_take(timers, t);
	if (!t->id) {
		g_free(t);
		return 0;
	}
	uint64_t id = t->id;
	wheel_set(loop_wheel(loop), &t->at, loop_now(loop) + t->interval_us);
	return id;
}

void cardea_timer_stop(uint64_t id)
{
	struct timer *t = ids_get(timers, id);
	if (t && t->running)
		t->stopped = true; /* from inside its own function: tick() is still using it */
	else if (t)
		timer_free(t);
}
