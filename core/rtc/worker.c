/* SPDX-License-Identifier: Apache-2.0 */
#include "worker.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include "../base/clock.h"
#include "../base/id.h"
#include "../base/log.h"
#include "../base/metric.h"
#include "../base/watchdog.h"
#include "../rtp/rtp.h"
#include "cm_batch.h"
#include "ice.h"
#include "peer_dtls.h"
#include "peer_why.h"
#include "replay.h"
#include "roam.h"
#include "rtc_peer.h"
#include "secure.h"
#include "sources.h"
#include "udp.h"

#define COMMAND_BYTES (16u << 20)
/* of one peer: more than all commands that one moment can bring */
#define COMMAND_SHARE    (128u << 10)
#define TRUNK_BYTES      (16u << 20) /* a tenth of a second of a gigabit */
#define MEDIA_BYTES      (16u << 20)
#define PACKETS_PER_PEER 1024u /* a second of several layers, kept for retransmission */
#define MAX_PACKETS      (256u << 10)
#define RETRY_US         20000
#define CLOSING_US       500000 /* for close_notify to leave when the server stops */
#define STUCK_US         100000
#define CMD_STOP         0x8000u /* behind all of enum cmd_type: close everything and stop */

static struct metric noise = { .name = "cardea_rtc_noise_drops",
	.help = "Datagrams of no protocol that is served here" };
static struct metric stale = { .name = "cardea_rtc_stale_commands",
	.help = "Commands for peers that are gone" };
static struct metric failed_commands = { .name = "cardea_rtc_failed_commands",
	.help = "Commands that the router refused" };
static struct metric trunk_drops = { .name = "cardea_rtc_trunk_drops",
	.help = "Packets and wishes between workers that a busy worker had no room for" };
static struct metric late_reports = { .name = "cardea_rtc_late_media_reports",
	.help = "Reports of media that had to wait because control did not read, or a peer had too "
		"many" };

/* ---- datagrams ---- */

/* RFC 7983: the first byte says what it is. Nearly all comes from a path that is its peer's alone.
 */
static void on_media(struct worker *w, struct pkt *k, const struct path *from)
{
	struct ice_way *way = ice_find(w->ice, from);
	struct rtc_peer *p = way && way->is_plain ? w->peers[way->slot] : NULL;
	if (!p)
		roam_media(w, k, from, way);
	else if (rtp_is_rtcp(k->data))
		rtc_peer_srtcp(p, k);
	else
		rtc_peer_srtp(p, k);
}

static void on_dtls(struct worker *w, struct pkt *k, const struct path *from)
{
	struct ice_way *way = ice_find(w->ice, from);
	if (way && way->is_plain && w->peers[way->slot])
		peer_dtls_input(w->peers[way->slot], k->data, k->len);
	else
		roam_dtls(w, k, from, way);
}

void worker_datagram(struct worker *w, struct pkt *k, const struct path *from)
{
	uint8_t first = k->len >= 2 ? k->data[0] : 255;
	if (first >= 128 && first <= 191)
		on_media(w, k, from);
	else if (first <= 3)
		ice_stun(w->ice, from, k->data, k->len);
	else if (first >= 20 && first <= 63)
		on_dtls(w, k, from);
	else
		metric_add(&noise, 1);
}

static void on_datagram(void *arg, struct pkt *k, const struct path *from)
{
	worker_datagram(arg, k, from);
}

static void on_complete(void *arg)
{
	struct worker *w = arg;
	cm_batch_finish(w->batch);
}

/* ---- ICE calls ---- */

static void on_ice_send(void *arg, const struct path *path, const uint8_t *data, size_t len)
{
	struct worker *w = arg;
	udp_send(w->udp, path, UDP_URGENT, data, len);
}

static void on_ice_heard(void *arg, uint32_t slot)
{
	struct worker *w = arg;
	if (w->peers[slot])
		rtc_peer_heard(w->peers[slot]);
}

static void on_ice_path(void *arg, uint32_t slot, const struct path *path)
{
	struct worker *w = arg;
	if (w->peers[slot])
		rtc_peer_path(w->peers[slot], path);
}

/* ---- the router calls ---- */

static bool on_send_rtp(void *arg, uint32_t slot, const struct rtp_parts *parts, bool is_video)
{
	struct worker *w = arg;
	return w->peers[slot] && rtc_peer_send_rtp(w->peers[slot], parts, is_video);
}

static void on_forget_ssrc(void *arg, uint32_t slot, uint32_t ssrc)
{
	struct worker *w = arg;
	if (w->peers[slot])
		rtc_peer_forget_ssrc(w->peers[slot], ssrc);
}

static void on_warm(void *arg, uint32_t slot, unsigned hop)
{
	const struct worker *w = arg;
	if (w->peers[slot])
		rtc_peer_warm(w->peers[slot], hop);
}

static void on_send_rtcp(void *arg, uint32_t slot, const uint8_t *data, size_t len)
{
	struct worker *w = arg;
	if (w->peers[slot])
		rtc_peer_send_rtcp(w->peers[slot], data, len);
}

static void retry_soon(struct worker *w)
{
	if (!wheel_armed(&w->retry))
		wheel_set(loop_wheel(w->loop), &w->retry, loop_now(w->loop) + RETRY_US);
}

static void report(struct worker *w, uint32_t slot, struct report *r, enum report_type type)
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

static void on_receiving(
	void *arg, uint32_t slot, unsigned mindex, int substream, bool on, unsigned seconds)
{
	struct report r = { .receiving = { (uint16_t)mindex, (int8_t)substream, on, seconds } };
	report(arg, slot, &r, REP_RECEIVING);
}

static void on_layer(
	void *arg, uint32_t slot, unsigned mindex, int substream, int temporal, int spatial)
{
	struct report r = { .layer = { (uint16_t)mindex, (int8_t)substream, (int8_t)temporal,
				    (int8_t)spatial } };
	report(arg, slot, &r, REP_LAYER);
}

static void on_talking(void *arg, uint32_t slot, unsigned mindex, bool talks, double avg)
{
	struct report r = { .talking = { (uint16_t)mindex, talks, avg } };
	report(arg, slot, &r, REP_TALKING);
}

static void on_slow_link(void *arg, uint32_t slot, unsigned mindex, bool uplink, unsigned lost)
{
	struct report r = { .slow_link = { (uint16_t)mindex, uplink, lost } };
	report(arg, slot, &r, REP_SLOW_LINK);
}

static void on_estimate(void *arg, uint32_t slot, uint64_t bps)
{
	struct report r = { .estimate = { bps } };
	report(arg, slot, &r, REP_ESTIMATE);
}

static void on_why(void *arg, uint32_t slot, unsigned mindex, bool sends, const struct why *w)
{
	struct report r = { .why = { (uint16_t)mindex, sends, *w } };
	report(arg, slot, &r, REP_WHY);
}

static void on_trunk_out(void *arg, unsigned worker, const struct trunk_msg *m, size_t len)
{
	const struct worker *w = arg;
	if (worker >= w->conf->workers || queue_push(w->siblings[worker]->trunks, m, len))
		metric_add(&trunk_drops, 1);
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

/* REP_RETIRED or REP_FAILED; later, when there is no room now. */
static void orphan_report(struct worker *w, uint64_t peer, enum report_type type, uint8_t why)
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

/* ---- commands ---- */

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
			orphan_report(w, c->peer, REP_FAILED, FAIL_FULL);
		else if (!wheel_armed(&w->look))
			wheel_set(loop_wheel(w->loop), &w->look, loop_now(w->loop) + US_PER_S);
		return;
	}
	too_late(w, c);
	if (c->type == CMD_PEER_CLOSE) /* opening it had failed: control still waits for the slot */
		orphan_report(w, c->peer, REP_RETIRED, 0);
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

static void on_command(void *arg, const void *rec, size_t len)
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

/* A wish may be about a track of which a command, posted before it, has yet to be read. */
static bool is_home_ready(struct worker *w, uint64_t peer)
{
	uint32_t slot = ID_SLOT(peer);
	queue_drain(w->commands, on_command, w);
	if (slot >= w->conf->max_peers)
		return router_has_source(w->router, peer);
	return w->peers[slot] && w->peers[slot]->id == peer;
}

static void on_trunk_in(void *arg, const void *rec, size_t len)
{
	struct worker *w = arg;
	const struct trunk_msg *m = rec;
	OWNED_BY(w->owner);
	if (m->type == TRUNK_SUBSCRIBE && !is_home_ready(w, m->peer)) {
		struct trunk_msg end = { .version = TRUNK_VERSION,
			.type = TRUNK_END,
			.from = (uint16_t)w->index,
			.mindex = m->mindex,
			.peer = m->peer };
		on_trunk_out(w, m->from, &end, trunk_len(&end));
		return;
	}
	router_trunk(w->router, m, len, loop_now(w->loop));
}

/* The first packets of a source may be here before the command, posted earlier, that opens it. */
static void on_media_in(void *arg, const void *rec, size_t len)
{
	struct worker *w = arg;
	const struct source_record *s = rec;
	OWNED_BY(w->owner);
	if (!router_has_source(w->router, s->source))
		queue_drain(w->commands, on_command, w);
	router_source(w->router, s, len, loop_now(w->loop));
}

static void on_reply(void *arg, const void *rec, size_t len)
{
	struct worker *w = arg;
	const struct secure_reply *r = rec;
	struct rtc_peer *p = w->peers[ID_SLOT(r->peer)];
	(void)len;
	OWNED_BY(w->owner);
	if (p && p->id == r->peer)
		rtc_peer_secured(p, r);
}

/* ---- the loop ---- */

static void flush_due(void *arg)
{
	(void)arg; /* the turn that it wakes ends with at_end() */
}

static void retry_reports(void *arg)
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

static void look(void *arg)
{
	struct worker *w = arg;
	for (unsigned slot = 0; slot < w->conf->max_peers; slot++) {
		struct report r = { .why = { .mindex = WHY_OF_PEER } };
		if (w->peers[slot] && peer_why_look(w->peers[slot], &r.why.why))
			report(w, slot, &r, REP_WHY);
	}
	if (w->n_peers)
		wheel_set(loop_wheel(w->loop), &w->look, loop_now(w->loop) + US_PER_S);
}

static void give_up_closing(void *arg)
{
	struct worker *w = arg;
	loop_stop(w->loop);
}

static void at_end(void *arg)
{
	struct worker *w = arg;
	int64_t next = router_flush(w->router, loop_now(w->loop));
	if (next != INT64_MAX)
		wheel_set(loop_wheel(w->loop), &w->flush, next);
	udp_flush(w->udp);
	if (w->is_closing && !w->n_peers)
		loop_stop(w->loop);
}

static void *run(void *arg)
{
	struct worker *w = arg;
	char name[16];
	snprintf(name, sizeof(name), "media %u", w->index);
	prctl(PR_SET_NAME, name);
	w->owner = OWNER_HERE;
	watchdog_add("media worker", loop_pulse(w->loop), STUCK_US);
	loop_run(w->loop);
	watchdog_del(loop_pulse(w->loop));
	return NULL;
}

static bool make_parts(struct worker *w)
{
	static const struct ice_ops ice_ops = { on_ice_send, on_ice_heard, on_ice_path };
	static const struct router_ops router_ops = { on_send_rtp, on_forget_ssrc, on_warm,
		on_send_rtcp, on_receiving, on_layer, on_talking, on_slow_link, on_estimate,
		on_trunk_out, on_why };
	unsigned max = w->conf->max_peers;
	uint64_t packets = (uint64_t)max * PACKETS_PER_PEER;
	struct router_conf rc = w->conf->router;
	rc.max_peers = w->n_slots = max + SOURCES_MAX;
	rc.worker = w->index;
	rc.packets = w->packets = pool_create("packets", sizeof(struct pkt),
		packets < MAX_PACKETS ? (unsigned)packets : MAX_PACKETS);
	return w->packets && (w->loop = loop_create("worker")) &&
	       (w->trunks = queue_create("trunks", TRUNK_BYTES)) &&
	       (w->media = queue_create("media of sources", MEDIA_BYTES)) &&
	       (w->commands = queue_create("commands", COMMAND_BYTES)) &&
	       (w->peer_pool = pool_create("peers", sizeof(struct rtc_peer), max)) &&
	       (w->shares = calloc(max, sizeof(*w->shares))) &&
	       (w->peers = calloc(w->n_slots, sizeof(*w->peers))) &&
	       (w->ice = ice_create(max, &ice_ops, w)) && (w->sources = sources_create(max)) &&
	       (w->roam = roam_create()) &&
	       (w->router = router_create(&rc, loop_wheel(w->loop), &router_ops, w));
}

enum err worker_create(struct worker **out, unsigned index, const struct rtc_conf *conf,
	struct secure *secure, struct queue *reports, struct worker *const *siblings, char *why)
{
	static const struct udp_ops udp_ops = { on_datagram, on_complete };
	struct udp_conf uc = { .port = conf->udp_port ? (uint16_t)(conf->udp_port + index) : 0,
		.ipv6 = conf->ipv6,
		.gso = conf->gso,
		.dscp = conf->dscp };
	struct worker *w = calloc(1, sizeof(*w));
	enum err e = ERR_FULL;
	strcpy(why, "out of memory");
	if (!w)
		return e;
	w->index = index;
	w->conf = conf;
	w->secure = secure;
	w->reports = reports;
	w->siblings = siblings;
	w->flush.fn = flush_due;
	w->retry.fn = retry_reports;
	w->closing.fn = give_up_closing;
	w->flush.arg = w->retry.arg = w->closing.arg = w->look.arg = w;
	w->look.fn = look;
	w->owner = OWNER_HERE;
	w->batch = cm_batch_create();
	if (!make_parts(w) ||
		(e = udp_create(&w->udp, w->loop, w->packets, &uc, &udp_ops, w, why)) ||
		(e = queue_attach(w->commands, w->loop, on_command, w)) ||
		(e = queue_attach(w->trunks, w->loop, on_trunk_in, w)) ||
		(e = queue_attach(w->media, w->loop, on_media_in, w)) ||
		(e = queue_attach(secure_replies(secure, index), w->loop, on_reply, w))) {
		worker_destroy(w);
		return e;
	}
	loop_at_end(w->loop, at_end, w);
	ice_timers(w->ice, loop_wheel(w->loop));
	*out = w;
	return OK;
}

enum err worker_start(struct worker *w)
{
	if (pthread_create(&w->thread, NULL, run, w))
		return ERR_IO;
	w->is_running = true;
	return OK;
}

void worker_stop(struct worker *w)
{
	static const struct cmd stop = { .type = CMD_STOP };
	if (!w->is_running)
		return;
	if (queue_push(w->commands, &stop, cmd_len(CMD_STATS)))
		loop_stop(w->loop);
	pthread_join(w->thread, NULL);
	w->is_running = false;
}

void worker_destroy(struct worker *w)
{
	if (!w)
		return;
	for (unsigned slot = 0; w->peers && slot < w->conf->max_peers; slot++)
		if (w->peers[slot])
			rtc_peer_free(w->peers[slot]);
	if (w->router)
		router_destroy(w->router);
	ice_destroy(w->ice);
	roam_destroy(w->roam);
	sources_destroy(w->sources);
	udp_destroy(w->udp);
	cm_batch_destroy(w->batch);
	queue_destroy(w->commands);
	queue_destroy(w->trunks);
	queue_destroy(w->media);
	pool_destroy(w->packets);
	pool_destroy(w->peer_pool);
	loop_destroy(w->loop);
	free(w->peers);
	free(w->shares);
	free(w->orphans);
	free(w);
}

enum err worker_post(struct worker *w, const struct cmd *c)
{
	uint32_t slot = ID_SLOT(c->peer);
	/* An end makes room: it needs no share. Nor does what is of no peer. */
	bool is_shared = c->peer && c->type != CMD_PEER_CLOSE && c->type != CMD_CAPTURE &&
			 slot < w->conf->max_peers;
	return queue_push_share(w->commands, is_shared ? &w->shares[slot] : NULL, COMMAND_SHARE, c,
		cmd_len(c->type));
}

void worker_metrics(void)
{
	struct metric *all[] = { &noise, &stale, &failed_commands, &trunk_drops, &late_reports };
	for (unsigned i = 0; i < sizeof(all) / sizeof(*all); i++)
		metric_register(all[i]);
	rtc_peer_metrics();
	router_metrics();
	ice_metrics();
	roam_metrics();
	replay_metrics();
	udp_metrics();
}
