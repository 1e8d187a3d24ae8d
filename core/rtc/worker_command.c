/* SPDX-License-Identifier: Apache-2.0 */
#include "worker_command.h"
#include "../base/clock.h"
#include "../base/id.h"
#include "../base/log.h"
#include "../base/metric.h"
#include "rtc_peer.h"
#include "worker_outbox.h"

#define CLOSING_US 500000 /* for close_notify to leave when the server stops */

static struct metric stale = { .name = "cardea_rtc_stale_commands",
	.help = "Commands for peers that are gone" };
static struct metric failed_commands = { .name = "cardea_rtc_failed_commands",
	.help = "Commands that the router refused" };

static void close_all(struct worker *w)
{
	w->is_closing = true;
	for (unsigned slot = 0; slot < w->conf->max_peers; slot++)
		if (w->peers[slot])
			rtc_peer_close(w->peers[slot], false);
	wheel_set(loop_wheel(w->loop), &w->closing, loop_now(w->loop) + CLOSING_US);
}

static void capture(struct rtc_peer *p, const struct cmd *c)
{
	struct queue *to = p->worker->conf->captures;
	rtc_peer_capture(
		p, c->capture.on && to ? tap_new(to, c->capture.id, c->capture.truncate) : NULL);
}

/* A command for a peer that is gone, or as good as gone. */
static void too_late(struct worker *w, const struct cmd *c)
{
	metric_add(&stale, 1);
	if (c->type == CMD_CAPTURE && c->capture.on)
		tap_refuse(w->conf->captures, c->capture.id);
}

static void no_peer(struct worker *w, const struct cmd *c)
{
	if (c->type == CMD_PEER_OPEN && !w->is_closing) {
		if (rtc_peer_open(w, c->peer, &c->open))
			worker_outbox_orphan(w, c->peer, REP_FAILED, FAIL_FULL);
		else if (!wheel_armed(&w->look))
			wheel_set(loop_wheel(w->loop), &w->look, loop_now(w->loop) + US_PER_S);
		return;
	}
	too_late(w, c);
	if (c->type == CMD_PEER_CLOSE) /* opening it had failed: control still waits for the slot */
		worker_outbox_orphan(w, c->peer, REP_RETIRED, 0);
}

static void run_command(struct worker *w, struct rtc_peer *p, const struct cmd *c)
{
	enum err e = OK;
	switch ((enum cmd_type)c->type) {
	case CMD_PEER_OPEN:
		e = ERR_EXISTS;
		break;
	case CMD_PEER_ICE:
		rtc_peer_ice(p, &c->open);
		break;
	case CMD_TRACK:
		e = router_track(w->router, p->slot, &c->track);
		break;
	case CMD_PEER_CLOSE:
		rtc_peer_close(p, c->close.silent);
		break;
	case CMD_ROUTE:
		e = router_route(w->router, &c->route);
		break;
	case CMD_UNROUTE:
		router_unroute(w->router, p->slot, c->unroute.mindex);
		break;
	case CMD_KEYFRAME:
		router_keyframe(w->router, p->slot, c->keyframe.mindex);
		break;
	case CMD_MUTE:
		router_mute(w->router, p->slot, c->mute.mindex, c->mute.on);
		break;
	case CMD_LIMIT:
		router_limit(w->router, p->slot, c->limit.bps);
		break;
	case CMD_WATCH_LEVEL:
		router_watch_level(
			w->router, p->slot, c->watch.mindex, c->watch.packets, c->watch.level);
		break;
	case CMD_STATS:
		rtc_peer_stats(p, c->stats.cookie);
		break;
	case CMD_CAPTURE:
		capture(p, c);
		break;
	case CMD_TUNE: /* of no peer */
	case CMD_SINK_OPEN:
	case CMD_SINK_CLOSE:
	case CMD_SINK_KEYFRAME:
	case CMD_SOURCE_OPEN:
	case CMD_SOURCE_CLOSE:
		e = ERR_INVALID;
		break;
	}
	if (e) {
		metric_add(&failed_commands, 1);
		log_debug("rtc", p->id, "command refused", "type=%u why=%s", c->type, err_word(e));
	}
}

/* Whose packets are received here: a peer's, or a source's. */
static bool is_here(const struct worker *w, uint64_t id)
{
	const struct rtc_peer *p = ID_SLOT(id) < w->conf->max_peers ? w->peers[ID_SLOT(id)] : NULL;
	return p ? p->id == id && !p->is_closing : router_has_source(w->router, id);
}

static void open_sink(struct worker *w, struct sink_want want)
{
	if (ID_SLOT(want.from_peer) >= w->n_slots ||
		(want.from_worker == w->index && !is_here(w, want.from_peer)))
		want.from_peer = 0; /* gone: it waits to be given another */
	if (router_sink_open(w->router, &want))
		metric_add(&failed_commands, 1);
}

static void open_source(struct worker *w, const struct source_want *want)
{
	uint32_t slot = ID_SLOT(want->id);
	if (slot < w->conf->max_peers || router_source_open(w->router, want))
		metric_add(&failed_commands, 1);
}

/* @return whether it was a command for the whole worker */
static bool of_no_peer(struct worker *w, const struct cmd *c)
{
	if (c->type == CMD_TUNE)
		router_tune(w->router, &c->tuning);
	else if (c->type == CMD_SINK_OPEN)
		open_sink(w, c->sink);
	else if (c->type == CMD_SINK_CLOSE)
		router_sink_close(w->router, c->sink_id.id);
	else if (c->type == CMD_SINK_KEYFRAME)
		router_sink_keyframe(w->router, c->sink_id.id);
	else if (c->type == CMD_SOURCE_OPEN)
		open_source(w, &c->source);
	else if (c->type == CMD_SOURCE_CLOSE)
		router_source_close(w->router, c->source_id.id);
	else
		return false;
	return true;
}

void worker_command(void *arg, const void *rec, size_t len)
{
	struct worker *w = arg;
	const struct cmd *c = rec;
	uint32_t slot = ID_SLOT(c->peer);
	(void)len;
	OWNED_BY(w->owner);
	if (c->type == CMD_STOP) {
		close_all(w);
		return;
	}
	if (of_no_peer(w, c))
		return;
	struct rtc_peer *p = slot < w->conf->max_peers ? w->peers[slot] : NULL;
	if (slot >= w->conf->max_peers || !p || p->id != c->peer)
		no_peer(w, c);
	else if (!p->is_closing)
		run_command(w, p, c);
	else
		too_late(w, c);
}

void worker_command_metrics(void)
{
	metric_register(&stale);
	metric_register(&failed_commands);
}
