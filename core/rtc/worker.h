/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/buf.h"
#include "addr.h"
#include "msg.h"
#include "worker_state.h"

/** @file
 * A worker: one thread with its sockets, its peers and its router. Commands come in by a queue,
 * reports go out by another; what workers have to tell each other goes by queues as well, and
 * nothing is shared. It stands between control (by rtc.h) and its sockets, peers and router. */
/** Open the sockets and make everything. @p conf, @p reports and @p siblings (all workers by index,
 * complete before any of them runs) are borrowed. @param why 256 bytes */
enum err worker_create(struct worker **out, unsigned index, const struct rtc_conf *conf,
	struct secure *secure, struct queue *reports, struct worker *const *siblings, char *why);
enum err worker_start(struct worker *w); /**< Run its thread. */
/** Close all peers, wait a little until they have, and end the thread. Not running: fine. */
void worker_stop(struct worker *w);
/** Free a worker that does not run. After secure_stop(), whose replies are attached to its loop.
 * NULL is fine. */
void worker_destroy(struct worker *w);
/** ERR_FULL: its queue is full, or the peer's share of it. Control thread. */
enum err worker_post(struct worker *w, const struct cmd *c);
/** Feed one datagram as if it had been received. The worker's thread, or a test that runs none. */
void worker_datagram(struct worker *w, struct pkt *k, const struct path *from);
/** Show the counters at /metrics. Once. */
void worker_metrics(void);
