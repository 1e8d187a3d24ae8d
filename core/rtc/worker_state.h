/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <pthread.h>
#include "../base/loop.h"
#include "../base/queue.h"
#include "../base/thread.h"
#include "rtc_conf.h"

/** @file
 * What the files of a worker share: its parts and its peers, by slot. No verbs: worker.c, which
 * knows all the others, makes and frees it; peers and roam.c reach their worker's parts here. */
struct rtc_peer;

struct worker {
	unsigned index;
	const struct rtc_conf *conf;
	struct secure *secure;
	struct queue *commands, *reports;
	struct queue_share *shares; /* of the command queue, by slot; control's */
	struct orphan *orphans;     /* reports of no peer that had no room */
	unsigned n_orphans;
	struct queue *trunks;           /* what other workers' routers say */
	struct queue *media;            /* what sources bring (router/source/source_msg.h) */
	struct worker *const *siblings; /* all workers, by index; this one too */
	struct loop *loop;
	struct pool *packets, *peer_pool;
	struct udp *udp;
	struct cm_batch *batch; /* of video in the output of udp; NULL: without */
	struct ice *ice;
	struct sources *sources; /* who has used which SSRC */
	struct roam *roam;
	struct router *router;
	struct rtc_peer **peers; /* by slot; those of sources are none */
	unsigned n_peers, n_slots;
	struct wheel_timer flush;   /* held video of the router is due */
	struct wheel_timer retry;   /* of reports that the queue had no room for */
	struct wheel_timer look;    /* once a second at why a peer carries nothing */
	struct wheel_timer closing; /* longest wait for peers to close when the server stops */
	bool is_closing;
	pthread_t thread;
	bool is_running;
	struct owner owner;
};
