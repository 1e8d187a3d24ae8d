/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "peerconn.h"
#include "told.h"

/* Bits of struct wanted's `due`. */
enum { DUE_ROUTE = 1, DUE_MUTE = 2, DUE_WATCH = 4, DUE_KEYFRAME = 8 };

/* ---- wishes ---- */

void want_lines(struct peerconn *pc, unsigned n)
{
	if (n <= pc->n_lines)
		return;
	pc->wanted = g_renew(struct wanted, pc->wanted, n);
	pc->receiving = g_renew(uint8_t, pc->receiving, n);
	memset(pc->wanted + pc->n_lines, 0, (n - pc->n_lines) * sizeof *pc->wanted);
	memset(pc->receiving + pc->n_lines, 0, n - pc->n_lines);
	pc->n_lines = n;
}

static struct wanted *line(struct peerconn *pc, unsigned mindex)
{
	return pc->peer && mindex < pc->n_lines ? &pc->wanted[mindex] : NULL;
}

static bool tell_line(struct peerconn *pc, unsigned mindex);

/* Where nothing else is due, the other m-lines need not be looked at. */
static void tell(struct peerconn *pc, struct wanted *w, uint8_t due)
{
	bool is_all = pc->handle && !pc->waits && !pc->transport_due && !pc->tracks_due &&
		      !pc->wishes_due;
	w->due |= due;
	if (is_all && tell_line(pc, (unsigned)(w - pc->wanted)))
		return;
	pc->wishes_due = true;
	peerconn_tell(pc);
}

void want_route(
	struct peerconn *to, unsigned mindex, struct peerconn *from, const struct route *route)
{
	struct wanted *w = line(to, mindex);
	if (!w)
		return;
	from->feeds |= from != to;
	w->from_peer = from->peer;
	w->route = *route;
	tell(to, w, DUE_ROUTE);
}

void want_no_route(struct peerconn *to, unsigned mindex)
{
	struct wanted *w = line(to, mindex);
	if (!w || !w->from_peer)
		return;
	w->from_peer = 0;
	tell(to, w, DUE_ROUTE);
}

void want_mute(struct peerconn *pc, unsigned mindex, bool muted)
{
	struct wanted *w = line(pc, mindex);
	if (!w)
		return;
	w->muted = muted;
	tell(pc, w, DUE_MUTE);
}

void want_watch(struct peerconn *pc, unsigned mindex, unsigned packets, unsigned level)
{
	struct wanted *w = line(pc, mindex);
	if (!w)
		return;
	w->watch_packets = (uint16_t)packets;
	w->watch_level = (uint8_t)level;
	tell(pc, w, DUE_WATCH);
}

void want_keyframe(struct peerconn *pc, unsigned mindex)
{
	struct wanted *w = line(pc, mindex);
	if (w)
		tell(pc, w, DUE_KEYFRAME);
}

void want_limit(struct peerconn *pc, uint32_t bps)
{
	if (!pc->peer)
		return;
	pc->limit_bps = bps;
	pc->limit_due = pc->wishes_due = true;
	peerconn_tell(pc);
}

/* ---- telling them ---- */

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

static bool tell_line(struct peerconn *pc, unsigned mindex)
{
	struct wanted *w = &pc->wanted[mindex];
	while (w->due) {
		struct cmd c;
		uint8_t due = w->due & (uint8_t)-w->due;
		/* A source that is gone took its routes with it, and may have given its slot to
		 * someone else. */
		bool is_void = due == DUE_ROUTE && w->from_peer && !peerconn_find(w->from_peer);
		fill(w, mindex, due, &c);
		if (!is_void && !peerconn_post(pc, &c))
			return false;
		w->due &= (uint8_t)~due;
	}
	return true;
}

bool told_wishes(struct peerconn *pc)
{
	if (!pc->wishes_due)
		return true;
	for (unsigned i = 0; i < pc->n_lines; i++)
		if (pc->wanted[i].due && !tell_line(pc, i))
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
			peerconn_tell_wishes(to);
}

static bool is_told(const struct peerconn *pc, unsigned i)
{
	return i < pc->n_told &&
	       memcmp(&pc->told_tracks[i], &pc->neg.tracks[i], sizeof *pc->told_tracks) == 0;
}

/* A track that begins anew knows nothing of what was wanted of it. */
static void note_told(struct peerconn *pc, unsigned i)
{
	struct wanted *w = &pc->wanted[i];
	pc->told_tracks[i] = pc->neg.tracks[i];
	if (i >= pc->n_told)
		pc->n_told = i + 1;
	w->due |= (uint8_t)((w->muted ? DUE_MUTE : 0) | (w->watch_packets ? DUE_WATCH : 0));
	pc->wishes_due |= w->due;
}

bool told_tracks(struct peerconn *pc)
{
	const struct negotiation *n = &pc->neg;
	unsigned i, n_new = 0;
	if (!pc->tracks_due)
		return true;
	want_lines(pc, n->n_tracks);
	if (n->n_tracks > pc->n_told)
		pc->told_tracks = g_renew(struct track, pc->told_tracks, n->n_tracks);
	for (i = 0; i < n->n_tracks; i++) {
		struct cmd c = { .type = CMD_TRACK, .track = n->tracks[i] };
		if (is_told(pc, i))
			continue;
		if (!peerconn_post(pc, &c))
			break;
		note_told(pc, i);
		n_new++;
	}
	pc->tracks_due = i < n->n_tracks;
	if (n_new)
		repeat_routes(pc);
	return !pc->tracks_due;
}

void told_free(struct peerconn *pc)
{
	g_free(pc->told_tracks);
	g_free(pc->wanted);
	g_free(pc->receiving);
}
