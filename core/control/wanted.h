/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../router/track.h"

/** @file
 * What plugins want of a PeerConnection's m-lines, remembered in struct wanted and told the worker
 * by worker_sync.c. routes.c, the SDK's part on media, calls it. Beyond the m-lines that there are
 * nothing happens. Control thread. */
struct peerconn;

/** @param from whose track it is; NULL: a source's (source_ids.h) */
void want_route(
	struct peerconn *to, unsigned mindex, struct peerconn *from, const struct route *route);
void want_no_route(struct peerconn *to, unsigned mindex);
void want_mute(struct peerconn *pc, unsigned mindex, bool muted);
void want_watch(struct peerconn *pc, unsigned mindex, unsigned packets, unsigned level);
void want_one_keyframe(struct peerconn *pc, unsigned mindex);
void want_limit(struct peerconn *pc, uint32_t bps);
