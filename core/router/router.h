/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/buf.h"
#include "../base/err.h"
#include "../base/wheel.h"
#include "far/trunk_msg.h"
#include "ops.h"
#include "route.h"
#include "sink/sink_msg.h"
#include "source/source_msg.h"
#include "track.h"
#include "track_stats.h"

/** @file
 * The router of one worker: receivers (tracks in), senders (tracks out) and the routes between
 * them. It is given plaintext packets in batches, and gives back headers to be encrypted with
 * shared payloads. It knows nothing of sockets, keys, JSON or sessions; time and the network come
 * from the caller. One thread, nothing locked, nothing allocated per packet.
 *
 * The path of a packet: router_rtp() finds the receiver (SSRC, unless it now has another's mid;
 * else mid and rid, else payload type), tracks loss and transport-wide arrival, keeps the packet in
 * the receiver's cache and in its batch; router_flush() takes each batch to each route of the
 * receiver in turn, so that the packets of one destination leave together. */
struct router;

/** What of it may change while the router runs. */
struct router_tuning {
	int64_t nack_history_us;
	uint32_t no_media_s, slowlink_threshold;
};

struct router *router_create(const struct router_conf *conf, struct wheel *wheel,
	const struct router_ops *ops, void *arg);
void router_destroy(struct router *r);
/** In force from the next second on, for all that is received and sent. */
void router_tune(struct router *r, const struct router_tuning *t);
void router_metrics(void); /**< Show the counters at /metrics. Once. */

/* Timers and commands go by clock_now_us(), packets by the now_us that comes with them: the same
 * clock. */

/** Make room for a peer; @p slot is below max_peers and free. Media flows once router_peer_up() was
 *  called. */
enum err router_peer_open(struct router *r, uint32_t slot);
void router_peer_close(struct router *r, uint32_t slot); /**< Its routes end with it. */
/** The transport is up: ask for keyframes of what the peer receives, begin reports. */
void router_peer_up(struct router *r, uint32_t slot);
/** Apply what was negotiated for one m-line: creates or changes its receiver and sender.
 *  Idempotent. */
enum err router_track(struct router *r, uint32_t slot, const struct track *t);
/** Give totals of all tracks of a peer. @return tracks written. */
unsigned router_stats(const struct router *r, uint32_t slot, struct track_stats *out, unsigned max);

/** Declare a route; a sender has one source. Idempotent. ERR_NOT_FOUND: no such receiver or sender
 *  here; ERR_FULL. */
enum err router_route(struct router *r, const struct route *route);
void router_unroute(struct router *r, uint32_t to_slot, unsigned to_mindex);
/** Open a sink, or change the one of that id; its m-line need not be there yet (sink/sink.h).
 *  Best on the worker of its source: what is muted is not known on another one. ERR_FULL;
 *  ERR_INVALID: there is no such queue. */
enum err router_sink_open(struct router *r, const struct sink_want *w);
void router_sink_close(struct router *r, uint64_t id);
void router_sink_keyframe(struct router *r, uint64_t id); /**< Within the sink's budget. */
/** Open a source, or change its tracks (source/source.h). ERR_FULL; ERR_INVALID; ERR_EXISTS. */
enum err router_source_open(struct router *r, const struct source_want *w);
void router_source_close(struct router *r, uint64_t id);
bool router_has_source(const struct router *r, uint64_t id);
/** What one who fills a source says. */
void router_source(struct router *r, const struct source_record *rec, size_t len, int64_t now_us);
/** Coalesced: one request per 300 ms. */
void router_keyframe(struct router *r, uint32_t slot, unsigned mindex);
void router_mute(struct router *r, uint32_t slot, unsigned mindex, bool muted);
void router_limit(struct router *r, uint32_t slot, uint32_t bps); /**< REMB; 0: no cap */
void router_watch_level(
	struct router *r, uint32_t slot, unsigned mindex, unsigned packets, unsigned level);

/** A decrypted RTP packet of a peer, already rtp_parse()d. Takes a reference of its own if it keeps
 *  it. */
void router_rtp(struct router *r, uint32_t slot, struct pkt *k, int64_t now_us);
/** What the router of another worker says. */
void router_trunk(struct router *r, const struct trunk_msg *m, size_t len, int64_t now_us);
/** Something authentic came from the peer that is neither RTP nor RTCP. Who is not heard for eight
 *  seconds gets no video, until the next word. */
void router_heard(struct router *r, uint32_t slot, int64_t now_us);
/** The peer is spoken to at another address now. What it has missed may be too old to be sent
 *  again: ask for keyframes. */
void router_moved(struct router *r, uint32_t slot);
/** A decrypted RTCP compound of a peer. */
void router_rtcp(struct router *r, uint32_t slot, const uint8_t *data, size_t len, int64_t now_us);
/** End of a receive batch: fan out what is due. @return when it must be called again for held
 *  packets, INT64_MAX: no need. */
int64_t router_flush(struct router *r, int64_t now_us);
