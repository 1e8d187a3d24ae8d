/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>

/** @file
 * What the worker of a PeerConnection has yet to be told: its transport, its tracks, what is wanted
 * of them, or that it is over. The state is remembered first (peerconn.h) and told here: where the
 * worker's queue has no room it stays due, and is told later, as it is then. Control thread. */
struct loop;
struct peerconn;

void worker_sync_start(struct loop *loop);
void worker_sync_stop(void);

/** Tell the worker of the peer, which has a slot and not been told yet. @return false: the queue is
 * full, and nothing is told */
bool worker_sync_open(struct peerconn *pc);
/** Post what the worker has yet to be told, in this order: transport, tracks, wishes; or that it is
 * over. What finds no room is told later. */
void worker_sync(struct peerconn *pc);
/** The wishes alone, unless more has to be told before them. */
void worker_sync_wishes(struct peerconn *pc);
/** Those of one m-line. @return false: the queue is full, and some are due still */
bool worker_sync_line(struct peerconn *pc, unsigned mindex);
/** The handle lets go of it. It is freed here, or when the worker has answered. */
void worker_sync_close(struct peerconn *pc);
