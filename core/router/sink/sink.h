/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../link.h"
#include "sink_msg.h"

/** @file
 * Consumers that are no peers: a recorder, a forwarder, a plugin's own. A sink copies what its
 * receiver takes in into a queue (sink_queue.h), as records of sink_msg.h, to be read on a thread
 * that may block. It never waits for that thread: packets that find no room are counted, and the
 * next record tells how many; of video nothing follows then but from the next keyframe on, which
 * is asked for when there is room. All else is told as soon as there is room again, in its order.
 *
 * A sink outlives its receiver. It may be opened before there is one: it is tied to the m-line of
 * its peer as soon as that receives. When the peer closes, it says SINK_SOURCE_ENDED and waits to
 * be opened again, with the same id and another peer.
 *
 * Copies, not references: pools belong to the worker, so that each reference would have to come
 * back to it by another queue, and a slow disk would hold packets that the caches need. */

/** Open a sink, or change the one of that id. @param rx its receiver, NULL: there is none yet
 *  ERR_FULL, ERR_INVALID (no such queue, or another than it has): SINK_CLOSED is said, where it can
 *  be. ERR_EXISTS: one of that id is closed, and its reader does not know yet. */
enum err sink_open(struct router *r, const struct sink_want *w, struct receiver *rx);
/** SINK_CLOSED will follow, after what is on its way. */
void sink_close(struct router *r, uint64_t id);
/** Ask its receiver for keyframes of the layers that it takes, within the sink's budget. */
void sink_keyframe(struct router *r, uint64_t id);

void sink_receiver_made(struct receiver *rx);           /**< Tie those that wait for it. */
void sink_peer_closed(struct router *r, uint32_t slot); /**< Nobody waits for its tracks. */
void sink_tell_rest(void *router); /**< Tell what found no room before. A timer's. */
/** The router ends: SINK_CLOSED is told where there is room. No worker writes into a queue after
 *  it. */
void sink_end_all(struct router *r);
