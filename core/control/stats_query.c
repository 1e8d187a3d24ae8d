/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include "../base/clock.h"
#include "../base/id.h"
#include "../base/loop.h"
#include "api_request.h"
#include "error.h"
#include "handle.h"
#include "handleinfo.h"
#include "handleinfo_part.h"
#include "peerconn.h"
#include "reply.h"
#include "stats_query.h"

#define QUERIES_MAX 256 /* waiting at a time; beyond it handle_info does without statistics */
#define TIMEOUT_US  (1 * US_PER_S) /* a worker answers within milliseconds, or is in trouble */

struct query {
	uint64_t cookie;
	struct cardea_origin from;
	char *transaction;
	uint64_t session_id, handle_id;
	stats_answer *answer;
	struct peer_report report;
	struct wheel_timer timeout;
};

static struct ids *queries;
static struct loop *loop;

void stats_queries_start(struct loop *on)
{
	loop = on;
	queries = ids_create(QUERIES_MAX);
}

static void forget(struct query *q)
{
	wheel_cancel(loop_wheel(loop), &q->timeout);
	ids_free(queries, q->cookie);
	g_free(q->report.tracks);
	g_free(q->transaction);
	g_free(q);
}

void stats_queries_stop(void)
{
	uint32_t slot = 0;
	struct query *q;
	if (!queries)
		return;
	while ((q = ids_next(queries, &slot)))
		forget(q);
	ids_destroy(queries);
	queries = NULL;
}

static void answer_info(const struct request *r, bool plugin_only, const struct peer_report *report)
{
	json_int_t handle_id = (json_int_t)r->handle->id;
	request_succeed(r, json_pack("{s:I, s:o}", "handle_id", handle_id, "info",
				   handle_info(r->handle, plugin_only, report)));
}

static void answer_whole(struct request *r, const struct peer_report *report)
{
	answer_info(r, false, report);
}

/* Much may have happened since the request came: session and handle are looked up again. */
static void finish(struct query *q, bool answered)
{
	struct request r = {
		.from = q->from, .transaction = q->transaction, .session_id = q->session_id
	};
	r.session = session_find(q->session_id);
	r.handle = r.session ? handle_find(r.session, q->handle_id) : NULL;
	if (!r.session)
		request_fail(&r, API_NO_SESSION, "Session not found");
	else if (!r.handle)
		request_fail(&r, API_NO_HANDLE, "Handle not found");
	else
		q->answer(&r, answered ? &q->report : NULL);
	forget(q);
}

static void give_up(void *arg)
{
	finish(arg, false);
}

bool stats_query(struct request *r, unsigned most, stats_answer *answer)
{
	struct cmd c = { .type = CMD_STATS };
	const struct peerconn *pc = r->handle->pc;
	if (!pc || !pc->peer || ids_count(queries) >= most)
		return false;
	struct query *q = g_new0(struct query, 1);
	c.stats.cookie = q->cookie = ids_take(queries, q);
	if (!q->cookie) {
		g_free(q);
		return false;
	}
	q->from = r->from;
	q->answer = answer;
	q->transaction = g_strdup(r->transaction);
	q->session_id = r->session_id;
	q->handle_id = r->handle->id;
	q->timeout = (struct wheel_timer){ .fn = give_up, .arg = q };
	if (!peerconn_post(pc, &c)) {
		forget(q);
		return false;
	}
	wheel_set(loop_wheel(loop), &q->timeout, loop_now(loop) + TIMEOUT_US);
	return true;
}

bool stats_query_waits(const struct request *r, stats_answer *answer)
{
	uint32_t slot = 0;
	const struct query *q;
	while ((q = ids_next(queries, &slot)))
		if (q->answer == answer && q->handle_id == r->handle->id &&
			q->session_id == r->session_id)
			return true;
	return false;
}

unsigned stats_query_of(const struct cardea_origin *client, stats_answer *answer)
{
	uint32_t slot = 0;
	unsigned n = 0;
	const struct query *q;
	while ((q = ids_next(queries, &slot)))
		n += q->answer == answer && q->from.transport == client->transport &&
		     q->from.client == client->client;
	return n;
}

void stats_query_handle_info(struct request *r, bool plugin_only)
{
	if (plugin_only || !stats_query(r, QUERIES_MAX, answer_whole))
		answer_info(r, plugin_only, NULL);
}

void stats_query_report(const struct peer_stats *s)
{
	struct query *q = ids_get(queries, s->cookie);
	if (!q)
		return;
	unsigned n = s->n_tracks < STATS_TRACKS ? s->n_tracks : STATS_TRACKS;
	q->report.stats = *s;
	if (q->report.n_tracks + n <= CARDEA_MEDIA_MAX && n) {
		q->report.tracks =
			g_renew(struct track_stats, q->report.tracks, q->report.n_tracks + n);
		memcpy(q->report.tracks + q->report.n_tracks, s->tracks, n * sizeof *s->tracks);
		q->report.n_tracks += n;
	}
	if (s->last)
		finish(q, true);
}
