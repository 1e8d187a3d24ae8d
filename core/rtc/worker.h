/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <pthread.h>
#include "../base/thread.h"
#include "cm_batch.h"
#include "ice.h"
#include "rtc.h"
#include "secure.h"
#include "udp.h"

/** @file
 * A worker: one thread with its sockets, its peers and its router. Commands come in by a queue,
 * reports go out by another; what workers have to tell each other goes by queues as well, and
 * nothing is shared. */
struct peer;

struct worker {
	unsigned index;
	const struct rtc_conf *conf;
	struct secure *secure;
	struct queue *commands, *reports;
	struct queue_share *shares; /* of the command queue, by slot; control's */
	struct stray *strays;       /* reports of no peer that had no room */
	unsigned n_strays;
	struct queue *trunks;           /* what other workers' routers say */
	struct worker *const *siblings; /* all workers, by index; this one too */
	struct loop *loop;
	struct pool *packets, *peer_pool;
	struct udp *udp;
	struct cm_batch *batch; /* of video in the output of udp; NULL: without */
	struct ice *ice;
	struct roam *roam;
	struct router *router;
	struct peer **peers; /* by slot */
	unsigned n_peers;
	struct wheel_timer flush;   /* held video of the router is due */
	struct wheel_timer owed;    /* reports that the queue had no room for */
	struct wheel_timer leaving; /* longest wait for the last farewells */
	bool is_leaving;
	pthread_t thread;
	bool is_running;
	struct owner owner;
};

/** Open the sockets and make everything. @p conf, @p reports and @p siblings (all workers by index,
 * complete before any of them runs) are borrowed. @param why 256 bytes */
enum err worker_create(struct worker **out, unsigned index, const struct rtc_conf *conf,
	struct secure *secure, struct queue *reports, struct worker *const *siblings, char *why);
enum err worker_start(struct worker *w); /**< Run its thread. */
/** Close all peers, wait a little for the farewells, and end the thread. Not running: fine. */
void worker_stop(struct worker *w);
/** Free a worker that does not run. After secure_stop(), whose replies are attached to its loop.
 * NULL is fine. */
void worker_destroy(struct worker *w);
/** ERR_FULL: its queue is full, or the peer's share of it. Control thread. */
enum err worker_post(struct worker *w, const struct cmd *c);
/** Report REP_RETIRED or REP_FAILED of a peer that is not there; later, when there is no room
 *  now. */
void worker_stray(struct worker *w, uint64_t peer, enum report_type type, uint8_t why);
/** Feed one datagram as if it had been received. The worker's thread, or a test that runs none. */
void worker_datagram(struct worker *w, struct pkt *k, const struct path *from);
/** Show the counters at /metrics. Once. */
void worker_metrics(void);
