/* SPDX-License-Identifier: Apache-2.0 */
#include "../base/id.h"
#include "../base/log.h"
#include "handle.h"
#include "peerconn.h"

/** @file
 * The part of the plugin SDK that is about media: handles become peers, wishes become commands to
 * their workers. A full worker queue loses a wish that will come again (keyframes, limits); routes
 * are repeated with the next change. */

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
	return peerconn_route(to, sender.mindex, from,
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
			.priority = (uint8_t)want->priority,
			.min_delay = (int16_t)want->min_delay,
			.max_delay = (int16_t)want->max_delay,
			.fallback_us = want->fallback_us });
}

void cardea_unroute(struct cardea_track sender)
{
	if (sender.handle && sender.handle->pc)
		peerconn_unroute(sender.handle->pc, sender.mindex);
}

static void post(const struct cardea_handle *h, struct cmd *c)
{
	if (h && h->pc && h->pc->peer)
		peerconn_post(h->pc, c);
}

void cardea_keyframe(struct cardea_track receiver)
{
	struct cmd c = { .type = CMD_KEYFRAME, .keyframe = { (uint16_t)receiver.mindex } };
	post(receiver.handle, &c);
}

void cardea_mute(struct cardea_track receiver, bool muted)
{
	struct cmd c = { .type = CMD_MUTE, .mute = { (uint16_t)receiver.mindex, muted } };
	post(receiver.handle, &c);
}

void cardea_limit(struct cardea_handle *h, uint32_t bps)
{
	struct cmd c = { .type = CMD_LIMIT, .limit = { bps } };
	post(h, &c);
}

void cardea_watch_level(struct cardea_track receiver, unsigned packets, unsigned level)
{
	struct cmd c = { .type = CMD_WATCH_LEVEL,
		.watch = { (uint16_t)receiver.mindex, (uint16_t)packets, (uint8_t)level } };
	post(receiver.handle, &c);
}
