/* SPDX-License-Identifier: Apache-2.0 */
#include "peerconn.h"
#include "wanted.h"
#include "worker_sync.h"

static struct wanted *line(struct peerconn *pc, unsigned mindex)
{
	return pc->peer && mindex < pc->n_lines ? &pc->wanted[mindex] : NULL;
}

/* Where nothing else is due, the other m-lines need not be looked at. */
static void tell(struct peerconn *pc, struct wanted *w, uint8_t due)
{
	bool is_all = pc->handle && !pc->waits && !pc->transport_due && !pc->tracks_due &&
		      !pc->wishes_due;
	w->due |= due;
	if (is_all && worker_sync_line(pc, (unsigned)(w - pc->wanted)))
		return;
	pc->wishes_due = true;
	worker_sync(pc);
}

void want_route(
	struct peerconn *to, unsigned mindex, struct peerconn *from, const struct route *route)
{
	struct wanted *w = line(to, mindex);
	if (!w)
		return;
	if (from && from != to)
		from->feeds = true;
	w->from_peer = route->from_peer;
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

void want_one_keyframe(struct peerconn *pc, unsigned mindex)
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
	worker_sync(pc);
}
