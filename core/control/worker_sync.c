/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "../base/clock.h"
#include "../base/loop.h"
#include "../base/metric.h"
#include "../rtc/rtc.h"
#include "peerconn.h"
#include "source_ids.h"
#include "worker_sync.h"

#define RETRY_US (50 * US_PER_MS) /* until a full worker queue is asked again */

static struct loop *loop;
static void retry_all(void *arg);
static struct wheel_timer retry = { .fn = retry_all };
static struct metric n_late = { .name = "cardea_control_late_commands",
	.help = "Times that a PeerConnection had to wait because its worker's queue, or its share "
		"of it, was full." };

void worker_sync_start(struct loop *on)
{
	static bool registered;
	loop = on;
	if (!registered)
		metric_register(&n_late);
	registered = true;
}

void worker_sync_stop(void)
{
	if (loop)
		wheel_cancel(loop_wheel(loop), &retry);
}

/* ---- the transport ---- */

static void fill_open(const struct peerconn *pc, struct cmd_peer_open *o)
{
	const struct sdp_transport *t = &pc->neg.remote;
	memcpy(o->ufrag, pc->ufrag, sizeof o->ufrag);
	memcpy(o->pwd, pc->pwd, sizeof o->pwd);
	memcpy(o->peer_ufrag, t->ufrag, sizeof o->peer_ufrag);
	memcpy(o->peer_pwd, t->pwd, sizeof o->peer_pwd);
	o->fingerprints = t->fingerprints;
	o->dtls_role = pc->dtls_role;
	o->sctp_port = pc->sctp.port;
	o->sctp_number = pc->sctp.number;
	o->sctp_max = t->sctp_max;
}

/* What names a peer's ICE agent: neither part has a blank (RFC 8839, section 5.4). */
static char *ice_of(const struct sdp_transport *t)
{
	return g_strdup_printf("%s %s", t->ufrag, t->pwd);
}

static void note_transport(struct peerconn *pc)
{
	g_free(pc->told_ice);
	pc->told_ice = ice_of(&pc->neg.remote);
	pc->told_fingerprints = pc->neg.remote.fingerprints;
	pc->told_sctp = pc->sctp;
	memcpy(pc->told_ufrag, pc->ufrag, sizeof pc->told_ufrag);
}

bool worker_sync_open(struct peerconn *pc)
{
	struct cmd c = { .type = CMD_PEER_OPEN };
	fill_open(pc, &c.open);
	if (!peerconn_post(pc, &c))
		return false;
	note_transport(pc);
	return true;
}

static bool knows_transport(const struct peerconn *pc)
{
	g_autofree char *ice = ice_of(&pc->neg.remote);
	return strcmp(pc->ufrag, pc->told_ufrag) == 0 && pc->sctp.number == pc->told_sctp.number &&
	       g_strcmp0(pc->told_ice, ice) == 0 &&
	       fingerprints_equal(&pc->told_fingerprints, &pc->neg.remote.fingerprints);
}

static bool tell_transport(struct peerconn *pc)
{
	struct cmd c = { .type = CMD_PEER_ICE };
	if (!pc->transport_due)
		return true;
	if (!knows_transport(pc)) {
		fill_open(pc, &c.open);
		if (!peerconn_post(pc, &c))
			return false;
		note_transport(pc);
	}
	pc->transport_due = false;
	return true;
}

/* ---- wishes ---- */

static void fill(const struct wanted *w, unsigned mindex, uint8_t due, struct cmd *c)
{
	uint16_t m = (uint16_t)mindex;
	*c = (struct cmd){ .type = CMD_KEYFRAME, .keyframe = { m } };
	if (due == DUE_ROUTE && w->from_peer)
		*c = (struct cmd){ .type = CMD_ROUTE, .route = w->route };
	else if (due == DUE_ROUTE)
		*c = (struct cmd){ .type = CMD_UNROUTE, .unroute = { m } };
	else if (due == DUE_MUTE)
		*c = (struct cmd){ .type = CMD_MUTE, .mute = { m, w->muted } };
	else if (due == DUE_WATCH)
		*c = (struct cmd){ .type = CMD_WATCH_LEVEL,
			.watch = { m, w->watch_packets, w->watch_level } };
}

bool worker_sync_line(struct peerconn *pc, unsigned mindex)
{
	struct wanted *w = &pc->wanted[mindex];
	while (w->due) {
		struct cmd c;
		uint8_t due = w->due & (uint8_t)-w->due;
		/* A source that is gone took its routes with it, and may have given its slot to
		 * someone else. */
		bool is_void = due == DUE_ROUTE && w->from_peer && !peerconn_find(w->from_peer) &&
			       !source_id_find(w->from_peer);
		fill(w, mindex, due, &c);
		if (!is_void && !peerconn_post(pc, &c))
			return false;
		w->due &= (uint8_t)~due;
	}
	return true;
}

static bool tell_wishes(struct peerconn *pc)
{
	if (!pc->wishes_due)
		return true;
	for (unsigned i = 0; i < pc->n_lines; i++)
		if (pc->wanted[i].due && !worker_sync_line(pc, i))
			return false;
	if (pc->limit_due) {
		struct cmd c = { .type = CMD_LIMIT, .limit = { pc->limit_bps } };
		if (!peerconn_post(pc, &c))
			return false;
		pc->limit_due = false;
	}
	pc->wishes_due = false;
	return true;
}

/* ---- tracks ---- */

/* The routes of @p to that begin or end at @p pc are due. */
static bool mark_into(struct peerconn *to, const struct peerconn *pc)
{
	bool any = false;
	for (unsigned i = 0; i < to->n_lines; i++) {
		struct wanted *w = &to->wanted[i];
		if (!w->from_peer || (to != pc && w->from_peer != pc->peer))
			continue;
		w->due |= DUE_ROUTE;
		to->wishes_due = any = true;
	}
	return any;
}

/* Routes into and out of a changed m-line are said again: the worker drops those that named a track
 * it did not have. Only for one that others have had routes from all peers are looked at. */
static void repeat_routes(struct peerconn *pc)
{
	uint32_t slot = 0;
	struct peerconn *to;
	mark_into(pc, pc); /* told next */
	while (pc->feeds && (to = peerconn_next(&slot)))
		if (to != pc && mark_into(to, pc))
			worker_sync_wishes(to);
}

static bool is_told(const struct peerconn *pc, unsigned i)
{
	return i < pc->n_told &&
	       memcmp(&pc->told_tracks[i], &pc->neg.tracks[i], sizeof *pc->told_tracks) == 0;
}

/* A track that begins anew knows nothing of what was wanted of it. */
static void note_track(struct peerconn *pc, unsigned i)
{
	struct wanted *w = &pc->wanted[i];
	pc->told_tracks[i] = pc->neg.tracks[i];
	if (i >= pc->n_told)
		pc->n_told = i + 1;
	w->due |= (uint8_t)((w->muted ? DUE_MUTE : 0) | (w->watch_packets ? DUE_WATCH : 0));
	pc->wishes_due |= w->due;
}

static bool tell_tracks(struct peerconn *pc)
{
	const struct negotiation *n = &pc->neg;
	unsigned i, n_new = 0;
	if (!pc->tracks_due)
		return true;
	peerconn_lines(pc, n->n_tracks);
	if (n->n_tracks > pc->n_told)
		pc->told_tracks = g_renew(struct track, pc->told_tracks, n->n_tracks);
	for (i = 0; i < n->n_tracks; i++) {
		struct cmd c = { .type = CMD_TRACK, .track = n->tracks[i] };
		if (is_told(pc, i))
			continue;
		if (!peerconn_post(pc, &c))
			break;
		note_track(pc, i);
		n_new++;
	}
	pc->tracks_due = i < n->n_tracks;
	if (n_new)
		repeat_routes(pc);
	return !pc->tracks_due;
}

/* ---- all of it ---- */

/* @return all is told */
static bool tell(struct peerconn *pc)
{
	struct cmd end = { .type = CMD_PEER_CLOSE };
	if (!pc->handle)
		return pc->told_close || (pc->told_close = peerconn_post(pc, &end));
	return tell_transport(pc) && tell_tracks(pc) && tell_wishes(pc);
}

static void wait_for_room(struct peerconn *pc)
{
	if (!pc->waits)
		metric_add(&n_late, 1);
	pc->waits = true;
	if (!wheel_armed(&retry))
		wheel_set(loop_wheel(loop), &retry, loop_now(loop) + RETRY_US);
}

/* Each gets its turn: a queue that is full is that of one worker, or a share of one peer's. */
static void retry_all(void *arg)
{
	uint32_t slot = 0;
	struct peerconn *pc;
	(void)arg;
	while ((pc = peerconn_each(&slot)))
		if (pc->waits)
			worker_sync(pc);
}

void worker_sync(struct peerconn *pc)
{
	if (!pc->peer)
		return;
	if (tell(pc))
		pc->waits = false;
	else
		wait_for_room(pc);
}

void worker_sync_wishes(struct peerconn *pc)
{
	if (!pc->waits && !tell_wishes(pc))
		wait_for_room(pc);
}

void worker_sync_close(struct peerconn *pc)
{
	pc->handle = NULL;
	pc->up = false;
	/* A close must not get lost, or the slot would never come back. */
	if (pc->peer)
		worker_sync(pc);
	else
		peerconn_free(pc);
}
