/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <cardea/plugin.h>
#include <glib.h>
#include <time.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "../base/metric.h"
#include "hook.h"

#define LONG_US (100 * US_PER_MS)
#define LOG_US  (1 * US_PER_S)

static struct hook *innermost;
static bool running;
static GQueue waiting = G_QUEUE_INIT; /* struct deferred */

static struct metric n_long = { .name = "cardea_control_long_hooks_total",
	.help = "Hooks of plugins that held the control thread for 100 ms or more." };

bool hook_inside(void)
{
	return innermost != NULL;
}

const struct cardea_plugin *hook_of(void)
{
	return innermost ? innermost->of : NULL;
}

bool hook_running(const char **plugin, const char **name)
{
	if (!innermost || !innermost->of)
		return false;
	*plugin = innermost->of->name;
	*name = innermost->name;
	return true;
}

/* The coarse clock costs a tenth of the exact one, and its 4 ms are enough for 100. */
static int64_t coarse_now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return t.tv_sec * US_PER_S + t.tv_nsec / 1000;
}

void hook_enter(struct hook *h, const struct cardea_plugin *of, const char *name)
{
	*h = (struct hook){ of, name, coarse_now_us(), false, innermost };
	innermost = h;
}

static void tell_long(const struct hook *h, int64_t now_us)
{
	static int64_t told_us;
	static bool registered;
	if (!registered)
		metric_register(&n_long);
	registered = true;
	metric_add(&n_long, 1);
	if (told_us && now_us - told_us < LOG_US)
		return;
	told_us = now_us;
	log_warn("control", 0, "a plugin held all others up", "plugin=%s hook=%s took_ms=%lld",
		h->of ? h->of->name : "none", h->name,
		(long long)((now_us - h->began_us) / US_PER_MS));
}

static void run_all(void)
{
	struct deferred *d;
	if (innermost || running)
		return;
	running = true;
	while ((d = g_queue_pop_head(&waiting))) {
		d->waits = false;
		d->fn(d->arg);
	}
	running = false;
}

void hook_leave(struct hook *h)
{
	assert(innermost == h);
	int64_t now_us = coarse_now_us();
	bool is_long = now_us - h->began_us >= LONG_US;
	if (is_long && !h->explained)
		tell_long(h, now_us);
	innermost = h->outer;
	if (innermost && is_long)
		innermost->explained = true;
	run_all();
}

void hook_defer(struct deferred *d)
{
	if (!d->waits) {
		d->waits = true;
		g_queue_push_tail(&waiting, d);
	}
	run_all();
}

void hook_forget(struct deferred *d)
{
	if (d->waits)
		g_queue_remove(&waiting, d);
	d->waits = false;
}
