/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include "../base/work.h"
#include "hook.h"
#include "plugin_jobs.h"

struct plugin_job {
	const struct cardea_plugin *of;
	bool has_ended; /* its plugin */
	void (*run)(void *arg);
	void (*done)(void *arg, bool cancelled);
	void *arg;
	GList link;
};
static GQueue jobs = G_QUEUE_INIT; /* that run or wait */

static void run(void *arg)
{
	const struct plugin_job *j = arg;
	j->run(j->arg);
}

static void done(void *arg, bool cancelled)
{
	struct plugin_job *j = arg;
	struct hook hook;
	g_queue_unlink(&jobs, &j->link);
	hook_enter(&hook, j->of, "job done");
	j->done(j->arg, cancelled || j->has_ended);
	hook_leave(&hook);
	g_free(j);
}

static unsigned count(const struct cardea_plugin *of)
{
	unsigned n = 0;
	for (GList *l = jobs.head; l; l = l->next)
		n += ((const struct plugin_job *)l->data)->of == of;
	return n;
}

bool cardea_work(void (*job)(void *arg), void (*when_done)(void *arg, bool cancelled), void *arg)
{
	if (count(hook_of()) >= CARDEA_WORK_MAX)
		return false;
	struct plugin_job *j = g_new0(struct plugin_job, 1);
	*j = (struct plugin_job){ .of = hook_of(), .run = job, .done = when_done, .arg = arg };
	j->link.data = j;
	if (work_run(run, done, j)) {
		g_free(j);
		return false;
	}
	g_queue_push_tail_link(&jobs, &j->link);
	return true;
}

void plugin_jobs_end(const struct cardea_plugin *of)
{
	for (GList *l = jobs.head; l; l = l->next) {
		struct plugin_job *j = l->data;
		j->has_ended |= j->of == of;
	}
}
