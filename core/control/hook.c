/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <glib.h>
#include "hook.h"

static unsigned depth;
static bool running;
static GQueue waiting = G_QUEUE_INIT; /* struct deferred */

bool hook_inside(void)
{
	return depth > 0;
}

void hook_enter(void)
{
	depth++;
}

static void run_all(void)
{
	struct deferred *d;
	if (depth || running)
		return;
	running = true;
	while ((d = g_queue_pop_head(&waiting))) {
		d->waits = false;
		d->fn(d->arg);
	}
	running = false;
}

void hook_leave(void)
{
	assert(depth > 0);
	depth--;
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
