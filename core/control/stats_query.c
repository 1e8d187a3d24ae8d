/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include "../base/clock.h"
#include "../base/id.h"
#include "../base/loop.h"
#include "reply.h"
#include "stats_query.h"
#include "request.h"
#include "error.h"
#include "handle.h"
#include "handleinfo.h"
#include "handleinfo_part.h"
#include "peerconn.h"

#define ASKS_MAX    256 /* waiting at a time; beyond it handle_info does without statistics */
#define PATIENCE_US (1 * US_PER_S) /* a worker answers within milliseconds, or is in trouble */

struct ask {
	uint64_t cookie;
	struct cardea_origin from;
	char *transaction;
	uint64_t session_id, handle_id;
	struct peer_report report;
	struct wheel_timer patience;
};

static struct ids *asks;
static struct loop *loop;

void stats_queries_start(struct loop *on)
{
	loop = on;
	asks = ids_create(ASKS_MAX);
}

static void forget(struct ask *a)
{
	wheel_cancel(loop_wheel(loop), &a->patience);
	ids_free(asks, a->cookie);
	g_free(a->report.tracks);
	g_free(a->transaction);
	g_free(a);
}

void stats_queries_stop(void)
{
	uint32_t slot = 0;
	struct ask *a;
	if (!asks)
		return;
	while ((a = ids_next(asks, &slot)))
		forget(a);
	ids_destroy(asks);
	asks = NULL;
}

static void answer(const struct request *r, bool plugin_only, const struct peer_report *report)
{
	json_int_t handle_id = (json_int_t)r->handle->id;
	request_succeed(r, json_pack("{s:I, s:o}", "handle_id", handle_id, "info",
				   handle_info(r->handle, plugin_only, report)));
}

/* Much may have happened since the request came: session and handle are looked up again. */
static void finish(struct ask *a, bool answered)
{
	struct request r = {
		.from = a->from, .transaction = a->transaction, .session_id = a->session_id
	};
	r.session = session_find(a->session_id);
	r.handle = r.session ? handle_find(r.session, a->handle_id) : NULL;
	if (!r.session)
		request_fail(&r, API_NO_SESSION, "Session not found");
	else if (!r.handle)
		request_fail(&r, API_NO_HANDLE, "Handle not found");
	else
		answer(&r, false, answered ? &a->report : NULL);
	forget(a);
}

static void give_up(void *arg)
{
	finish(arg, false);
}

static bool ask_worker(const struct request *r)
{
	struct cmd c = { .type = CMD_STATS };
	const struct peerconn *pc = r->handle->pc;
	struct ask *a = g_new0(struct ask, 1);
	c.stats.cookie = a->cookie = ids_take(asks, a);
	if (!a->cookie) {
		g_free(a);
		return false;
	}
	a->from = r->from;
	a->transaction = g_strdup(r->transaction);
	a->session_id = r->session_id;
	a->handle_id = r->handle->id;
	a->patience = (struct wheel_timer){ .fn = give_up, .arg = a };
	if (!peerconn_post(pc, &c)) {
		forget(a);
		return false;
	}
	wheel_set(loop_wheel(loop), &a->patience, loop_now(loop) + PATIENCE_US);
	return true;
}

void stats_query_handle_info(struct request *r, bool plugin_only)
{
	bool waits = !plugin_only && r->handle->pc && r->handle->pc->peer && ask_worker(r);
	if (!waits)
		answer(r, plugin_only, NULL);
}

void stats_query_report(const struct peer_stats *s)
{
	struct ask *a = ids_get(asks, s->cookie);
	if (!a)
		return;
	unsigned n = s->n_tracks < STATS_TRACKS ? s->n_tracks : STATS_TRACKS;
	a->report.stats = *s;
	if (a->report.n_tracks + n <= CARDEA_MEDIA_MAX && n) {
		a->report.tracks =
			g_renew(struct track_stats, a->report.tracks, a->report.n_tracks + n);
		memcpy(a->report.tracks + a->report.n_tracks, s->tracks, n * sizeof *s->tracks);
		a->report.n_tracks += n;
	}
	if (s->last)
		finish(a, true);
}
