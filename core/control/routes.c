/* SPDX-License-Identifier: Apache-2.0 */

/** @file
 * The part of the plugin SDK that is about media: handles become peers, and what is wanted of them
 * is remembered (wanted.h) and told their workers. */

#include "../base/id.h"
#include "../base/log.h"
#include "handle.h"
#include "peerconn.h"
#include "playback.h"
#include "wanted.h"

static bool has(const struct cardea_track *t, enum cardea_dir dir)
{
	return t->handle && peerconn_has(t->handle->pc, t->mindex, dir);
}

/* All but where it comes from. */
static struct route route_to(const struct cardea_track *sender, const struct cardea_want *want)
{
	return (struct route){ .to_slot = ID_SLOT(sender->handle->pc->peer),
		.to_mindex = (uint16_t)sender->mindex,
		.max_layer = (uint8_t)want->max_layer,
		.max_temporal = (uint8_t)want->max_temporal,
		.max_spatial = (uint8_t)want->max_spatial,
		.max_svc_temporal = (uint8_t)want->max_svc_temporal,
		.paused = want->paused,
		.min_delay = (int16_t)want->min_delay,
		.max_delay = (int16_t)want->max_delay,
		.fallback_us = want->fallback_us };
}

static bool can_carry(const struct cardea_track *sender)
{
	return has(sender, CARDEA_SEND) && sender->mindex < sender->handle->pc->n_lines;
}

bool cardea_route(
	struct cardea_track receiver, struct cardea_track sender, const struct cardea_want *want)
{
	if (!has(&receiver, CARDEA_RECV) || !can_carry(&sender))
		return false;
	struct peerconn *from = receiver.handle->pc;
	struct route r = route_to(&sender, want);
	r.from_peer = from->peer;
	r.from_worker = (uint16_t)from->worker;
	r.from_mindex = (uint16_t)receiver.mindex;
	want_route(sender.handle->pc, sender.mindex, from, &r);
	return true;
}

bool cardea_play_route(
	uint64_t play, unsigned track, struct cardea_track sender, const struct cardea_want *want)
{
	if (!can_carry(&sender))
		return false;
	struct route r = route_to(&sender, want);
	unsigned worker = sender.handle->pc->worker;
	if (!(r.from_peer = playback_source(play, track, &worker)))
		return false;
	r.from_worker = (uint16_t)worker;
	r.from_mindex = (uint16_t)track;
	want_route(sender.handle->pc, sender.mindex, NULL, &r);
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
		want_one_keyframe(pc, receiver.mindex);
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
