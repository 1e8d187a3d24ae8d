/* SPDX-License-Identifier: Apache-2.0 */
#include "../base/log.h"
#include "../base/loop.h"
#include "explain.h"
#include "handle.h"
#include "hook.h"
#include "media_event.h"
#include "peerconn.h"
#include "plugins.h"
#include "reply.h"
#include "stats_event.h"
#include "stats_query.h"
#include "webrtc_event.h"
#include "worker_reports.h"

#define QUEUE_BYTES (4 << 20) /* of one batch: some 3,000 of the largest */

static struct queue *reports;
static struct loop *loop;

/* What the plugin's hook is called. */
static const char *const hook_names[] = { [REP_CONNECTED] = "connected",
	[REP_FAILED] = "hangup",
	[REP_ESTIMATE] = "estimate",
	[REP_WHY] = "why",
	[REP_RECEIVING] = "receiving",
	[REP_LAYER] = "layer",
	[REP_TALKING] = "talking",
	[REP_SLOW_LINK] = "slow_link" };

static void on_connected(struct peerconn *pc, const struct report *r)
{
	struct cardea_handle *h = pc->handle;
	if (pc->up)
		return;
	pc->up = true;
	log_info("handle", h->id, "media up", "worker=%u", pc->worker);
	webrtc_event_connected(h, r);
	event_send(h->session, handle_event(h, "webrtcup", NULL));
	if (h->plugin->api->connected)
		h->plugin->api->connected(h);
}

static void on_failed(struct peerconn *pc, unsigned why)
{
	static const char *const words[] = {
		[FAIL_ICE] = "ICE failed",
		[FAIL_CONSENT] = "ICE failed",
		[FAIL_DTLS_ALERT] = "DTLS alert",
		[FAIL_DTLS_TIMEOUT] = "DTLS timeout",
		[FAIL_DTLS_ERROR] = "DTLS error",
		[FAIL_FULL] = "DTLS-SRTP stack error",
	};
	struct cardea_handle *h = pc->handle;
	const char *word = why < sizeof words / sizeof *words ? words[why] : NULL;
	if (why == FAIL_CONSENT)
		event_send(h->session, handle_event(h, "ice-failed", NULL));
	explain_lost(h);
	webrtc_event_failed(h, why);
	handle_hangup(h, word ? word : "DTLS-SRTP stack error");
}

static void on_receiving(struct peerconn *pc, const struct report *r)
{
	const struct cardea_plugin *api = pc->handle->plugin->api;
	unsigned mindex = r->receiving.mindex;
	int substream = r->receiving.substream;
	uint8_t bit = (uint8_t)(1u << (substream + 1));
	bool on = r->receiving.on;
	if (on != !!(pc->receiving[mindex] & bit)) {
		pc->receiving[mindex] ^= bit;
		media_event_receiving(pc, mindex, substream, on, r->receiving.seconds);
	}
	if (api->receiving)
		api->receiving(pc->handle, mindex, substream, on);
}

static void on_layer(struct peerconn *pc, const struct report *r)
{
	const struct cardea_plugin *api = pc->handle->plugin->api;
	bool svc = r->layer.spatial >= 0;
	struct cardea_layer now = { .size = sizeof now,
		.substream = r->layer.substream,
		.spatial = r->layer.spatial,
		.temporal = svc ? -1 : r->layer.temporal,
		.svc_temporal = svc ? r->layer.temporal : -1 };
	if (api->layer)
		api->layer(pc->handle, r->layer.mindex, &now);
}

static void on_slow_link(struct peerconn *pc, const struct report *r)
{
	struct cardea_handle *h = pc->handle; /* the hook may take it from the PeerConnection */
	unsigned mindex = r->slow_link.mindex;
	json_t *msg = media_event_slow_link(pc, mindex, r->slow_link.uplink, r->slow_link.lost);
	if (h->plugin->api->slow_link)
		h->plugin->api->slow_link(h, mindex, r->slow_link.uplink, r->slow_link.lost);
	event_send(h->session, msg);
}

static void on_estimate(struct peerconn *pc, uint64_t bps)
{
	const struct cardea_plugin *api = pc->handle->plugin->api;
	if (api->estimate)
		api->estimate(pc->handle, bps < INT64_MAX ? bps : INT64_MAX); /* it fits JSON */
}

/* Reports about an m-line: the first member of each is its index. */
static void on_track(struct peerconn *pc, const struct report *r)
{
	if (r->receiving.mindex >= pc->neg.n_tracks || r->receiving.mindex >= pc->n_lines)
		return;
	if (r->type == REP_RECEIVING && r->receiving.substream >= -1 &&
		r->receiving.substream < CARDEA_LAYERS)
		on_receiving(pc, r);
	else if (r->type == REP_LAYER)
		on_layer(pc, r);
	else if (r->type == REP_SLOW_LINK)
		on_slow_link(pc, r);
	else if (r->type == REP_TALKING && pc->handle->plugin->api->talking)
		pc->handle->plugin->api->talking(
			pc->handle, r->talking.mindex, r->talking.talks, r->talking.avg);
}

static void on_stats(const struct report *r)
{
	const struct peerconn *pc = peerconn_find(r->peer);
	if (!stats_event_is(&r->stats))
		stats_query_report(&r->stats);
	else if (pc)
		stats_event_report(pc, &r->stats);
}

static void on_report(void *arg, const void *rec, size_t len)
{
	(void)arg;
	(void)len;
	const struct report *r = rec;
	if (r->type == REP_RETIRED) {
		peerconn_retired(r->peer);
		return;
	}
	if (r->type == REP_STATS) {
		on_stats(r);
		return;
	}
	struct peerconn *pc = peerconn_find(r->peer);
	if (!pc)
		return;
	struct hook hook;
	hook_enter(&hook, pc->handle->plugin->api, hook_names[r->type]);
	if (r->type == REP_CONNECTED)
		on_connected(pc, r);
	else if (r->type == REP_FAILED)
		on_failed(pc, r->failed.why);
	else if (r->type == REP_ESTIMATE)
		on_estimate(pc, r->estimate.bps);
	else if (r->type == REP_WHY)
		explain_report(pc, r);
	else
		on_track(pc, r);
	hook_leave(&hook);
}

enum err worker_reports_start(struct loop *on)
{
	loop = on;
	reports = queue_create("reports", QUEUE_BYTES);
	return queue_attach(reports, loop, on_report, NULL);
}

void worker_reports_stop(void)
{
	if (!reports)
		return;
	loop_del(loop, queue_fd(reports));
	queue_destroy(reports);
	reports = NULL;
}

struct queue *worker_reports(void)
{
	return reports;
}
