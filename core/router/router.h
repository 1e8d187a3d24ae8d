/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/buf.h"
#include "../base/err.h"
#include "../base/wheel.h"
#include "../rtp/rtp.h"
#include "trunk.h"

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

/** Of a hundred packets of the last interval that had any, those that came: over the link, and in
 *  time for the media, with those lost and sent again as RTX. (Sent again without RTX, a packet
 *  cannot be told from the first, and counts for both.) Rounded down: 100 is without loss.
 *  Incoming: counted by us, over a second; in time is what need not be asked for twice
 *  (NACK_SECOND_US). Outgoing: by the fraction lost (RFC 3550) of the peer's reports in the last
 *  second that had any; of what we sent again the same share is taken as lost. 0 also where nothing
 *  is known yet. */
struct quality {
	uint8_t link, media;
};

/** Totals of one track, both directions; zero where it has none. */
struct track_stats {
	uint16_t mindex;
	uint8_t kind, codec;
	uint32_t ssrc_in[CARDEA_LAYERS], rtx_ssrc_in[CARDEA_LAYERS], ssrc_out;
	struct {
		uint64_t packets, bytes, nacks, retransmissions;
	} in[CARDEA_LAYERS];
	struct {
		uint64_t packets, bytes, nacks, retransmissions;
	} out;
	uint32_t bytes_in_lastsec[CARDEA_LAYERS], bytes_out_lastsec;
	/** cumulative, by us and as the peer reports */
	uint32_t lost[CARDEA_LAYERS], lost_remote;
	uint32_t jitter_ms[CARDEA_LAYERS], jitter_remote_ms, rtt_ms;
	struct quality quality_in[CARDEA_LAYERS], quality_out;
	/** how long what goes out can be sent again; 0: it is not */
	uint32_t nack_queue_ms;
	uint64_t keyframes;
	int8_t substream, temporal; /**< layer now sent; -1: none */
};

/** What the router needs from its worker. @p slot is the peer's. Called on the worker's thread;
 *  none of them may call back into the router. */
struct router_ops {
	/** Send one RTP packet: encrypt header + payload out of place. Borrowed until the call
	 *  returns.
	 *  @return false: it was not sealed, so that its number is as good as never given. */
	bool (*send_rtp)(void *arg, uint32_t slot, const struct rtp_parts *parts, bool is_video);
	/** Nothing will be sent under this SSRC again. */
	void (*forget_ssrc)(void *arg, uint32_t slot, uint32_t ssrc);
	/** An RTP packet for this peer is a few packets away: ask for the memory that it will take
	 *  (base/warm.h). Called with @p hop 0, 1 and 2, each time with more behind it: what hangs
	 *  on pointers comes one by one. NULL: not wanted. */
	void (*warm)(void *arg, uint32_t slot, unsigned hop);
	/** Send an RTCP compound (plaintext, borrowed). */
	void (*send_rtcp)(void *arg, uint32_t slot, const uint8_t *data, size_t len);
	/** A receiving track starts or stops: substream -1 unless simulcast; with on=false the
	 *  seconds of silence that it takes, else 0. */
	void (*receiving)(void *arg, uint32_t slot, unsigned mindex, int substream, bool on,
		unsigned seconds);
	/** The layer on an outgoing track changed; -1: not applicable. A few times a second at
	 *  most, the last of them always. */
	void (*layer)(void *arg, uint32_t slot, unsigned mindex, int substream, int temporal,
		int spatial);
	/** By the average of some packets, over a fifth of a second at least. Whoever talks and is
	 *  muted, stops or falls silent is told not to. */
	void (*talking)(void *arg, uint32_t slot, unsigned mindex, bool talks, double avg);
	void (*slow_link)(void *arg, uint32_t slot, unsigned mindex, bool uplink, unsigned lost);
	/** What the peer says by REMB that it can take has changed. Once a second at most, while
	 *  media flows. NULL: not wanted. */
	void (*estimate)(void *arg, uint32_t slot, uint64_t bps);
	/** Say something to the router of another worker: give it to router_trunk() there.
	 *  Borrowed. NULL: there is none. */
	void (*trunk)(void *arg, unsigned worker, const struct trunk_msg *m, size_t len);
};

struct router_conf {
	unsigned max_peers;
	unsigned worker;      /**< whose router it is */
	struct pool *packets; /**< for what comes over trunks */
	bool even_out;        /**< pad the packets of a burst to one size */
	/** longest wait of a video packet for its burst; audio never waits */
	int64_t hold_us;
	int64_t twcc_period_us; /**< transport-wide feedback interval */
	/** least time that packets stay in the cache (min_nack_queue) */
	int64_t nack_history_us;
	/** silence before receiving(false), longer for what is slow; 0: never told */
	unsigned no_media_s;
	unsigned slowlink_threshold; /**< lost packets a second; 0: never told */
};

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
/** Show the counters at /metrics. Once. */
void router_metrics(void);

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

struct route {
	uint64_t from_peer;   /**< its id */
	uint16_t from_worker; /**< where it is received; by a trunk unless it is here */
	uint32_t to_slot;     /**< peer */
	uint16_t from_mindex, to_mindex;
	uint8_t max_layer, max_temporal; /**< 0: no cap; layers count from 1 */
	uint8_t max_spatial, max_svc_temporal;
	uint8_t paused;
	uint8_t priority;
	/** playout-delay in 10 ms units plus 1; 0: as received */
	int16_t min_delay, max_delay;
	int64_t fallback_us; /**< 0: 250 ms */
};
/** Declare a route; a sender has one source. Idempotent. ERR_NOT_FOUND: no such receiver or sender
 *  here; ERR_FULL. */
enum err router_route(struct router *r, const struct route *route);
void router_unroute(struct router *r, uint32_t to_slot, unsigned to_mindex);
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
