/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/clock.h"
#include "../base/err.h"
#include "../base/wheel.h"
#include "budget.h"
#include "ops.h"
#include "ring.h"

/** @file
 * A router's peers: their slots, their m-lines, the SSRCs that they send, their clocks, and the
 * rings and timers of all that is to be looked at again. All of the router stands on this; what a
 * track in and a track out are is told by in/receiver.h and out/sender.h. */
#define TICKS       10 /**< reports are spread over so many tenths of a second */
#define TICK_US     (US_PER_S / TICKS)
#define SPAN_MAX_US US_PER_S /**< nothing older is sent again */
#define UNHEARD_US  8000000  /**< more than between two consent checks (RFC 7675: 4 to 6 s) */
#define RTCP_ROOM   1100     /**< bytes of one compound */

struct receiver; /* a track in */
struct sender;   /* a track out */

struct mline {
	struct receiver *rx;
	struct sender *tx;
};

struct ssrc_entry {
	uint32_t ssrc; /**< 0: free */
	uint16_t mindex;
	uint8_t layer;
	bool is_rtx;
};

struct peer {
	struct router *r;
	uint32_t slot;
	bool up;
	bool is_silent;    /**< not heard for UNHEARD_US: it gets no video */
	uint32_t our_ssrc; /**< whose word our RTCP is: of the first line that sends */
	bool rtcp_rsize;   /**< reduced-size RTCP is agreed on for all its m-lines */
	int64_t heard_us;
	struct budget rtcp;  /**< items that are read */
	struct budget moves; /**< of its SSRCs to other m-lines */
	struct mline *lines;
	unsigned n_lines;
	struct ssrc_entry *ssrcs; /**< open addressing */
	unsigned ssrcs_size, n_ssrcs;
	unsigned n_held, n_kept; /**< packets in bursts and in caches */
	struct node tick;        /**< in the router's ring of its tenth while media flows */
	struct node feedback;    /**< in the router's ring while arrivals wait to be reported */
	struct twcc *twcc;
	int64_t twcc_at_us; /**< last feedback */
	uint32_t twcc_media;
	uint16_t twcc_out; /**< next transport-wide number */
	bool has_clock;
	uint64_t clock_off_us; /**< arrival less NTP time of its sender reports, least seen */
	int64_t rtt_us;        /**< 0: not known */
	uint32_t limit_bps, limit_steps;
	int64_t limit_at_us;
	uint64_t remb_bps, told_remb_bps; /**< as the peer last told, and as was passed on */
	bool is_mirror;                   /**< of another worker's peer */
	struct {
		struct node node; /**< in the router's */
		uint64_t id;
		uint16_t home; /**< worker */
	} mirror;
	bool is_source; /**< no peer at all: source/source.h fills it */
	struct {
		uint64_t id;
		uint8_t queue;  /**< sink/sink_queue.h */
		bool is_paused; /**< as it says itself */
		int64_t review_us;
	} source;
	/* not needed for packets that flow, from here on (see outgoing.c) */
	struct {
		uint64_t packets;
		int64_t at_us; /**< 0: none came */
		uint32_t ssrc;
	} stray; /**< packets that belong to no m-line; the newest */
};

struct router {
	struct router_conf conf;
	struct digest_key *digest_key;
	struct wheel *wheel;
	const struct router_ops *ops;
	void *arg;
	struct peer **peers;
	struct peer **mirrors; /**< by slot, for these are other peers; NULL: none yet */
	struct pool *held;
	uint32_t next_gen;
	uint64_t wall_off_us; /**< wall clock less monotonic, once and for all: reports must not
				 jump */
	struct node due, nacking, wishing, feedback, mirroring, ticks[TICKS];
	struct node sinks; /**< sink/sink.h */
	unsigned n_sinks;
	unsigned n_ticking, tenth;
	unsigned n_peers; /**< mirrors are none */
	unsigned looked;  /**< turns of why_look() */
	int64_t tick_due_us;
	struct wheel_timer nack_timer, wish_timer, twcc_timer, tick_timer, mirror_timer, look_timer,
		sink_timer;
};

struct peer *peer_get(const struct router *r, uint32_t slot); /**< NULL: none */
/** The track in or out of an m-line. NULL: it has none. */
struct receiver *peer_receiver(const struct router *r, uint32_t slot, unsigned mindex);
struct receiver *peer_mirror(const struct router *r, uint32_t slot, unsigned mindex);
struct sender *peer_sender(const struct router *r, uint32_t slot, unsigned mindex);
enum err peer_lines(struct peer *p, unsigned mindex); /**< Make room for an m-line. */
void peer_discard(struct peer *p);                    /**< Its tracks are gone already. */

/** Media flows: reports are due. */
void peer_touch(struct peer *p);
/** Reports can wait: they leave with media that goes anyway, or when none goes for a while. */
void peer_plan_tick(struct router *r, int64_t due_us);

/** The SSRCs that it sends: open addressing with linear probing. NULL: not known. */
const struct ssrc_entry *peer_ssrc_find(const struct peer *p, uint32_t ssrc);
bool peer_ssrc_put(struct peer *p, const struct ssrc_entry *e); /**< @return false: no memory */
void peer_ssrc_forget(struct peer *p, uint32_t ssrc);           /**< Not known: fine. */

/** Wall clock of reports (RFC 3550, section 4). */
uint64_t peer_ntp(const struct router *r, int64_t now_us);
uint64_t peer_ntp_us(uint64_t ntp);
/** A sender report came. The peer's clock is set against ours by the quickest of them, once for all
 *  its tracks: what is in step there stays in step with whoever hears it. */
void peer_clock_learn(struct peer *p, uint64_t ntp, int64_t now_us);
