/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <glib.h>
#include "handle.h"
#include "hook.h"

static unsigned depth;
static bool settling;
static GQueue waiting = G_QUEUE_INIT;

bool hook_inside(void)
{
	return depth > 0;
}

void hook_enter(void)
{
	depth++;
}

static void settle_all(void)
{
	struct cardea_handle *h;
	if (depth || settling)
		return;
	settling = true;
	while ((h = g_queue_pop_head(&waiting))) {
		h->waits = false;
		handle_settle(h);
	}
	settling = false;
}

void hook_leave(void)
{
	assert(depth > 0);
	depth--;
	settle_all();
}

void hook_settle(struct cardea_handle *h)
{
	if (!h->waits) {
		h->waits = true;
		g_queue_push_tail(&waiting, h);
	}
	settle_all();
}

void hook_forget(struct cardea_handle *h)
{
	if (h->waits)
		g_queue_remove(&waiting, h);
	h->waits = false;
}
