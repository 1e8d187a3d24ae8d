/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/buf.h"
#include "../rtp/rtp.h"

/** @file
 * What the router needs from its worker: calls out of it, and its configuration. */
struct trunk_msg;
struct why;

/** Calls into the worker. @p slot is the peer's. Called on the worker's thread;
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
	/** What the peer can take, by its REMB, has changed. Once a second at most, while
	 *  media flows. NULL: not wanted. */
	void (*estimate)(void *arg, uint32_t slot, uint64_t bps);
	/** Say something to the router of another worker: give it to router_trunk() there.
	 *  Borrowed. NULL: there is none. */
	void (*trunk)(void *arg, unsigned worker, const struct trunk_msg *m, size_t len);
	/** What is sent (or received) on an m-line has not flowed for WHY_TOLD_US for this reason;
	 *  or WHY_WELL: it does again. NULL: not wanted. */
	void (*why)(void *arg, uint32_t slot, unsigned mindex, bool sends, const struct why *w);
};

struct router_conf {
	unsigned max_peers;   /**< and sources */
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
