/* SPDX-License-Identifier: Apache-2.0 */

/** @file
 * The part of the plugin SDK that is about media: handles become peers, and what is wanted of them
 * is remembered (wanted.h) and told their workers. */

#include "../base/id.h"
#include "../base/log.h"
#include "handle.h"
#include "peerconn.h"
#include "wanted.h"

static bool has(const struct cardea_track *t, enum cardea_dir dir)
{
	return t->handle && peerconn_has(t->handle->pc, t->mindex, dir);
}

bool cardea_route(
	struct cardea_track receiver, struct cardea_track sender, const struct cardea_want *want)
{
	if (!has(&receiver, CARDEA_RECV) || !has(&sender, CARDEA_SEND))
		return false;
	struct peerconn *from = receiver.handle->pc, *to = sender.handle->pc;
	if (sender.mindex >= to->n_lines)
		return false;
	want_route(to, sender.mindex, from,
		&(struct route){ .from_peer = from->peer,
			.from_worker = (uint16_t)from->worker,
			.to_slot = ID_SLOT(to->peer),
			.from_mindex = (uint16_t)receiver.mindex,
			.to_mindex = (uint16_t)sender.mindex,
			.max_layer = (uint8_t)want->max_layer,
			.max_temporal = (uint8_t)want->max_temporal,
			.max_spatial = (uint8_t)want->max_spatial,
			.max_svc_temporal = (uint8_t)want->max_svc_temporal,
			.paused = want->paused,
			.min_delay = (int16_t)want->min_delay,
			.max_delay = (int16_t)want->max_delay,
			.fallback_us = want->fallback_us });
	return true;
}

static struct peerconn *pc_of(const struct cardea_handle *h)
{
	return h ? h->pc : NULL;
}

void cardea_unroute(struct cardea_track sender)
{
	struct peerconn *pc = pc_of(sender.handle);
	if (pc)
		want_no_route(pc, sender.mindex);
}

void cardea_keyframe(struct cardea_track receiver)
{
	struct peerconn *pc = pc_of(receiver.handle);
	if (pc)
		want_keyframe(pc, receiver.mindex);
}

void cardea_mute(struct cardea_track receiver, bool muted)
{
	struct peerconn *pc = pc_of(receiver.handle);
	if (pc)
		want_mute(pc, receiver.mindex, muted);
}

void cardea_limit(struct cardea_handle *h, uint32_t bps)
{
	struct peerconn *pc = pc_of(h);
	if (pc)
		want_limit(pc, bps);
}

void cardea_watch_level(struct cardea_track receiver, unsigned packets, unsigned level)
{
	struct peerconn *pc = pc_of(receiver.handle);
	if (pc)
		want_watch(pc, receiver.mindex, packets, level);
}
