/* SPDX-License-Identifier: Apache-2.0 */
#include "worker_outbox.h"
#include <stdlib.h>
#include <string.h>
#include "../base/metric.h"
#include "peer_state.h"
#include "rtc_peer.h"

#define RETRY_US 20000

static struct metric late_reports = { .name = "cardea_rtc_late_media_reports",
	.help = "Reports of media that had to wait because control did not read, or a peer had too "
		"many" };

static void retry_soon(struct worker *w)
{
	if (!wheel_armed(&w->retry))
		wheel_set(loop_wheel(w->loop), &w->retry, loop_now(w->loop) + RETRY_US);
}

void worker_outbox_put(struct worker *w, uint32_t slot, struct report *r, enum report_type type)
{
	struct rtc_peer *p = w->peers[slot];
	if (!p)
		return;
	r->type = type;
	r->worker = w->index;
	r->peer = p->id;
	if (report_queue_push(&p->media_reports, w->reports, r))
		return;
	metric_add(&late_reports, 1);
	retry_soon(w);
}

/* ---- reports of peers that are not there ---- */

/* Control waits for each of them, and has one for each id at most. */
struct orphan {
	uint64_t peer;
	enum report_type type;
	uint8_t why;
};

static bool orphan_push(struct worker *w, const struct orphan *o)
{
	struct report r = { .type = o->type, .worker = w->index, .peer = o->peer };
	if (o->type == REP_FAILED)
		r.failed.why = o->why;
	return !queue_push(w->reports, &r, report_len(o->type));
}

void worker_outbox_orphan(struct worker *w, uint64_t peer, enum report_type type, uint8_t why)
{
	const struct orphan o = { peer, type, why };
	struct orphan *more;
	if (!w->n_orphans && orphan_push(w, &o))
		return;
	metric_add(&late_reports, 1);
	retry_soon(w);
	if (!(more = realloc(w->orphans, (w->n_orphans + 1) * sizeof(o))))
		return;
	w->orphans = more;
	w->orphans[w->n_orphans++] = o;
}

/* @return none is left */
static bool orphans_flush(struct worker *w)
{
	unsigned done = 0;
	while (done < w->n_orphans && orphan_push(w, &w->orphans[done]))
		done++;
	w->n_orphans -= done;
	if (w->n_orphans)
		memmove(w->orphans, w->orphans + done, w->n_orphans * sizeof(*w->orphans));
	return !w->n_orphans;
}

void worker_outbox_retry(void *arg)
{
	struct worker *w = arg;
	if (!orphans_flush(w))
		retry_soon(w);
	for (unsigned slot = 0; slot < w->conf->max_peers; slot++) {
		struct rtc_peer *p = w->peers[slot];
		if (p && p->late)
			rtc_peer_retry(p);
		p = w->peers[slot]; /* that may have been its last report */
		if (p && !report_queue_flush(&p->media_reports, w->reports, p->id, w->index))
			retry_soon(w);
	}
}

void worker_outbox_metrics(void)
{
	metric_register(&late_reports);
}
