/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/clock.h"
#include "../base/metric.h"
#include "../rtp/payload.h"
#include "budget.h"
#include "cache.h"
#include "digest.h"
#include "nack.h"
#include "node.h"
#include "reception.h"
#include "rewrite.h"
#include "router.h"
#include "trunk.h"
#include "twcc.h"

/** @file
 * What the files of this room share: the router, its peers, their receivers and senders. One
 * thread. Who does what: router.c peers and tracks; demux.c which receiver; receiver.c packets in;
 * flush.c batches to routes; route.c who hears whom; select.c which layer; sender.c packets out;
 * packet.c their bytes; redundant.c what of redundant audio; digest.c proof that they are the same;
 * resend.c NACKs answered; ask.c NACKs and feedback sent; keyframe.c wishes; trunk.c and mirror.c
 * other workers; report.c once a second; feedback.c RTCP in; remb.c limits; level.c talking; pace.c
 * slow layers; stats.c totals; meter.c what was over a budget. */
#define TICKS       10      /**< reports are spread over so many tenths of a second */
#define KEYFRAME_US 300000  /**< between two requests for one SSRC */
#define SWITCH_US   3000000 /**< wait for a new source's keyframe before the old one is let go */
#define FALLBACK_US 250000
#define SPAN_MAX_US US_PER_S /**< nothing older is retransmitted */
#define UNHEARD_US  8000000  /**< more than between two consent checks (RFC 7675: 4 to 6 s) */
#define HELD_MAX    256      /**< packets of one receiver's burst */
#define HELD_SHARE  1024     /**< of all bursts of one peer */
#define KEEP_SHARE  4096     /**< packets of one peer in its caches: half a second of 75 Mbit/s */
#define KEEP_LEAST  64       /**< however little is left */
#define RTCP_ROOM   1100     /**< bytes of one compound */
#define CNAME       "janus"  /**< as in the a=ssrc lines of our descriptions */
#define AGAIN_COST  16       /**< of a packet sent again, in what its number alone costs */
#define AGAIN_FIRST (64 * AGAIN_COST) /**< before many were sent */

struct peer;

/** A packet on its way from a receiver to its routes. */
struct held {
	struct held *next;
	struct pkt *k; /**< own reference */
	uint32_t gen;
	uint8_t layer;
	bool drop;       /**< only to be counted: it leaves no gap */
	uint16_t newest; /**< number of its layer that had come by then */
	struct payload_info info;
};

/** One received SSRC: the track, or one of its simulcast layers. */
struct layer {
	uint32_t ssrc, rtx_ssrc; /**< 0: not known yet */
	uint32_t gen;            /**< another one: numbering began anew */
	uint32_t home_gen;       /**< of a mirror: the same where the receiver is */
	bool on;                 /**< told to bring packets */
	bool wish;               /**< a keyframe is wanted */
	uint8_t fir_seq;
	int8_t max_temporal, max_spatial; /**< seen; -1: none */
	int64_t asked_us;                 /**< for a keyframe, last */
	int64_t last_at_us;               /**< newest packet; 0: none yet */
	/* how fast it is: slow video is not dead video */
	uint32_t frames;   /**< that were newer than all before */
	uint32_t frame_ts; /**< of the newest */
	int64_t frame_at_us;
	int64_t pace_us;              /**< between frames: the longest of the last dozen or so */
	int64_t pause_us;             /**< and of the last hundred */
	uint32_t seen[CARDEA_LAYERS]; /**< frames of the others when this brought its last packet */
	int64_t behind_us; /**< the others have newer frames, which came so much later; 0: no */
	uint32_t keyframe_ts;
	int64_t keyframe_at_us;
	struct budget keyframes; /**< brought on request */
	bool keyframe_seen, has_sr;
	uint64_t sr_ntp;
	uint32_t sr_ts;
	int64_t sr_at_us;
	struct reception rx;
	struct nack *nack;   /**< NULL: not negotiated */
	struct cache *cache; /**< NULL: no route yet */
	bool unkept; /**< unkept_seq came, but is not in the cache; nor is what came before perhaps
		      */
	uint16_t unkept_seq;
	struct dd_templates *dd; /**< NULL: no descriptor yet */
	uint64_t packets, bytes, nacks, retransmissions;
	uint64_t reported_packets, reported_bytes; /**< at the last tick */
	uint64_t reported_retransmissions, reported_nacks;
	uint32_t bytes_lastsec;
	int32_t reported_lost;
	struct quality quality;
};

/** A track in. */
struct receiver {
	struct peer *peer;
	struct track t;
	bool muted;
	unsigned n_layers; /**< 1 without simulcast */
	struct layer *layers;
	struct node routes; /**< struct link */
	struct node trunks; /**< struct trunk: other workers that it goes to */
	/** of t, as told over trunks; of a mirror 0: home has not answered */
	uint32_t version;
	uint8_t mirror_layers; /**< of a mirror: those that home was told to send */
	int64_t mirror_said_us;
	struct node due; /**< in the router's due ring while packets are held */
	struct node nacking, wishing;
	struct held *held, **held_end;
	/** held no longer: they are on their way to one route after another */
	struct held *leaving;
	unsigned n_held, n_leaving;
	struct node *at; /**< the route that is next; the ring itself: none */
	int64_t held_since_us;
	uint16_t burst_payload; /**< longest of those that go out now */
	bool held_whole;        /**< a frame's end is among them */
	int64_t span_us;        /**< how long its packets stay in the cache */
	uint64_t keyframes;
	struct {
		unsigned packets, level, n, sum;
		int64_t since_us, last_us; /**< 0: no packet yet */
		uint32_t ts;
		uint16_t seq;
		bool talks;
	} watch;
};

/** A sender's tie to a receiver: the source it carries, or the one it waits for. */
struct link {
	struct node node;    /**< in the receiver's routes */
	struct receiver *rx; /**< NULL: none */
	struct sender *tx;
};

/** What is needed to send one packet again with the very same bytes: encryption must never meet
 * other bytes under the same SSRC and index (AES-GCM and counter mode would give away their
 * difference), and some header extensions are made when the packet leaves. All else follows from
 * the cached packet, and the digest proves that it still does. */
struct sent {
	uint64_t digest;                   /**< taken where sender_repeats() */
	uint32_t ts, abs_send_time, at_us; /**< at_us: last sent, clock modulo 2^32 */
	uint16_t seq, in_seq, twcc, picture_id;
	uint8_t tl0, source, times;
	bool used : 1, marker : 1, has_delay : 1;
	uint8_t delay[3];
	uint8_t pad; /**< bytes of padding */
};

/** Where packets of a sender came from; named, not pointed to. */
struct source {
	uint32_t slot, gen;
	uint16_t mindex;
	uint8_t layer, tag;
	bool is_mirror;
};

/** Which layers pass; -1: not applicable. */
struct passing {
	int8_t substream, temporal, spatial;
};

/** A track out. */
struct sender {
	struct peer *peer;
	struct track t;
	struct link cur, next;
	struct route route;
	int64_t switch_by_us; /**< the old source is let go then */
	bool on;              /**< the source's layer below is being carried */
	uint8_t layer;
	uint32_t gen;
	int8_t temporal, spatial;    /**< highest that pass now */
	struct passing told, untold; /**< as last reported, and what is waiting to be */
	bool has_untold;
	struct budget tells;
	struct rewrite *rw; /**< NULL until first carried, and `sent` too */
	struct sent *sent;
	unsigned n_sent; /**< a power of two; grows with what has to be remembered */
	struct source sources[4];
	uint8_t source;     /**< tag of the present one */
	uint64_t rtx_index; /**< of the next retransmission by RTX */
	uint64_t packets, bytes, nacks, retransmissions;
	uint32_t octets;     /**< of payload, as reports count them */
	unsigned burst_size; /**< of the packets now leaving together, in bytes; 0: none yet */
	/* seldom needed, from here on (see flush.c) */
	uint64_t reported_packets, reported_bytes;
	uint32_t bytes_lastsec;
	int32_t lost_remote, reported_lost;
	uint32_t jitter_remote; /**< timestamp units */
	struct {
		uint64_t packets, retransmissions;        /**< sent until the peer's last report */
		uint64_t expected256, lost256, mended256; /**< by its reports since the last tick */
	} heard;
	struct quality quality;
	struct {
		struct budget all;
		struct wishes {
			uint32_t slot; /**< whose keyframes */
			uint16_t mindex;
			bool is_mirror;
			bool refused;    /**< since the last that was granted */
			int64_t each_us; /**< grows while more is asked for; 0: nothing yet */
			struct budget budget;
		} of[2];
		uint8_t newest;
	} wishes; /**< for keyframes */
	struct {
		uint64_t sent; /**< packets that are reckoned in */
		uint32_t left;
	} again; /**< what may still be asked for, by NACKs */
	struct {
		uint32_t gen;
		uint16_t seq;  /**< up to which it was carried */
		int64_t at_us; /**< and until when */
	} carried[CARDEA_LAYERS];
};

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
	bool is_silent;  /**< not heard for UNHEARD_US: it gets no video */
	bool rtcp_rsize; /**< reduced-size RTCP is agreed on for all its m-lines */
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
};

struct router {
	struct router_conf conf;
	struct digest_key digest_key;
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
	unsigned n_ticking, tenth;
	int64_t tick_due_us;
	struct wheel_timer nack_timer, wish_timer, twcc_timer, tick_timer, mirror_timer;
};

/* router.c */
struct peer *peer_get(const struct router *r, uint32_t slot);
struct receiver *receiver_get(
	const struct router *r, uint32_t slot, unsigned mindex); /**< NULL: none */
struct sender *sender_get(const struct router *r, uint32_t slot, unsigned mindex);
enum err peer_lines(struct peer *p, unsigned mindex); /**< Make room for an m-line. */
uint32_t peer_ssrc(const struct peer *p);             /**< whose word our RTCP is */
void peer_touch(struct peer *p);                      /**< Media flows: reports are due. */
void peer_heard_from(struct peer *p, int64_t now_us); /**< It is there. */

/* demux.c */
struct receiver *demux(
	struct peer *p, const struct pkt *k, unsigned *layer, bool *is_rtx); /**< NULL: nobody's */
/** The m-line that a packet may belong to which is nobody's. NULL: none. */
const struct track *demux_guess(const struct peer *p, const struct pkt *k);
void demux_bind(struct receiver *rx, unsigned layer, uint32_t ssrc, bool is_rtx);
void demux_unbind(struct receiver *rx, unsigned layer);
const struct ssrc_entry *demux_find(const struct peer *p, uint32_t ssrc);

/* receiver.c */
struct receiver *receiver_new(struct peer *p); /**< NULL: out of memory. Apply a track next. */
enum err receiver_apply(struct receiver *rx, const struct track *t);
void receiver_free(struct receiver *rx);
void receiver_rtp(struct receiver *rx, unsigned layer, bool is_rtx, struct pkt *k, int64_t now_us);
void receiver_look(
	const struct receiver *rx, struct layer *l, const struct pkt *k, struct payload_info *info);
void receiver_restart(struct receiver *rx, unsigned layer);
/** It brings packets. @p newer: of a frame that is newer than all before. */
void receiver_alive(struct receiver *rx, unsigned layer, bool newer, int64_t now_us);
/** There came packets up to this number that are not here. */
void receiver_missed(struct layer *l, uint16_t seq);
void receiver_drop_leaving(struct receiver *rx);
static inline bool receiver_open(const struct receiver *rx)
{
	return rx->peer->up && rx->t.dir & CARDEA_RECV;
}
/** It keeps up with the others, at the pace of its own frames. */
static inline bool layer_alive(const struct layer *l, int64_t fallback_us)
{
	int64_t wait_us = l->pace_us * 5 / 2;
	return l->last_at_us && l->behind_us <= (wait_us > fallback_us ? wait_us : fallback_us);
}
/** It has brought nothing for @p least_us, and for longer than was usual. */
static inline bool layer_silent(const struct layer *l, int64_t least_us, int64_t now_us)
{
	int64_t wait_us = 2 * l->pause_us;
	return now_us - l->last_at_us >= (wait_us > least_us ? wait_us : least_us);
}
/** Where the header extension of an m-line lies in a packet of its own; NULL: it is not there. */
static inline const uint8_t *track_ext(
	const struct track *t, const struct pkt *k, enum cardea_ext ext, size_t *len)
{
	uint8_t id = t->ext[ext];
	if (!id || id > 14 || !k->ext_off[id])
		return NULL;
	*len = k->ext_len[id];
	return k->data + k->ext_off[id];
}
/** Does a peer get by RTX what it asks for again? */
static inline bool sender_has_rtx(const struct sender *tx)
{
	return tx->t.rtx_pt && tx->t.out_rtx_ssrc;
}
/** … or may the packet itself be repeated? RTX does not carry redundant audio. */
static inline bool sender_repeats(const struct sender *tx)
{
	return tx->t.feedback & CARDEA_FB_NACK && (!sender_has_rtx(tx) || tx->t.red_pt);
}
static inline int substream_of(const struct receiver *rx, unsigned layer)
{
	return rx->t.n_layers ? (int)layer : -1;
}

/* pace.c */
void pace_learn(struct layer *l, int64_t now_us); /**< A frame came, newer than all before. */
void pace_compare(struct receiver *rx, unsigned layer, int64_t now_us); /**< A packet of it came. */

/* route.c */
void sender_unlink(struct sender *tx);
void link_clear(struct link *l);
struct layer *sender_layer(const struct sender *tx); /**< The layer being carried, NULL: none. */
void sender_promote(struct sender *tx); /**< The awaited source becomes the present one. */

/* select.c */
void select_expire(struct sender *tx,
	int64_t now_us); /**< Let an old source go that has been kept long enough. */
void select_review(
	struct sender *tx, struct receiver *rx, int64_t now_us); /**< Wish for what is missing. */
/** Layers of @p rx that a sender carries or would rather carry, as bits. */
unsigned select_wanted(const struct sender *tx, const struct receiver *rx);
bool select_layer(struct sender *tx, struct receiver *rx, const struct held *h);
bool select_drop(struct sender *tx, const struct receiver *rx, const struct held *h);
/** Report the layer when it has changed, but a few times a second at most: the rest waits. */
void select_tell(struct sender *tx, const struct layer *l, int64_t now_us);
void select_tell_rest(struct sender *tx); /**< Report what waits. */

/* sender.c */
enum err sender_apply(struct sender *tx, const struct track *t);
void sender_free(struct sender *tx);
enum err sender_prepare(struct sender *tx); /**< Memory for what a sender needs that carries. */
void sender_take(struct sender *tx, struct receiver *rx, const struct held *h, int64_t now_us);
void sender_again(struct sender *tx, const struct receiver *rx, struct pkt *k, const struct sent *s,
	int64_t now_us);

/* packet.c */
enum packet_kind {
	PACKET_FIRST,  /**< never sent before: its padding is decided now */
	PACKET_REPEAT, /**< bit by bit as it was */
	PACKET_RTX,
};
/** Build the packet that @p s says out of @p k, and send it. @p info is of k's payload.
 * @return false: it was not sealed. */
bool packet_put(struct sender *tx, const struct receiver *rx, struct pkt *k,
	const struct payload_info *info, struct sent *s, enum packet_kind kind);
/** A packet that carries nothing, for a number that was promised (RFC 3550, section 5.1: padding).
 */
void packet_pad(struct sender *tx, const struct sent *s);

/* redundant.c */
/** Is a packet of @p rx redundant audio? Fills in @p info what payload_look() cannot know. */
void redundant_look(const struct receiver *rx, const struct pkt *k, struct payload_info *info);
/** Bytes in front of what a sender passes on of a payload. */
static inline uint16_t redundant_skip(const struct sender *tx, const struct payload_info *info)
{
	return tx->t.red_pt ? 0 : info->red_primary;
}
/** What was changed in a packet, to be put back. */
struct redundant {
	uint16_t payload;
	uint8_t pt; /**< of the blocks */
	bool renumbered;
};
/** Let the payload of @p k, which is redundant audio, be what @p tx passes on of it, until
 * redundant_undo(). */
void redundant_apply(struct redundant *saved, const struct sender *tx, struct pkt *k,
	const struct payload_info *info);
void redundant_undo(const struct redundant *saved, struct pkt *k);

/* resend.c */
void resend(struct sender *tx, uint16_t seq, int64_t now_us);

/* ask.c */
void ask_nacks(void *router); /**< Timer. */
void ask_nack_soon(struct receiver *rx, int64_t now_us);
void ask_feedback(void *router); /**< Timer. */
void ask_feedback_note(struct peer *p, uint16_t seq, int64_t now_us);

/* keyframe.c */
void keyframe_want(struct receiver *rx, unsigned layer, int64_t now_us);
/** A subscriber's wish, if its budget has room. */
void keyframe_wish(struct sender *tx, struct receiver *rx, unsigned layer, int64_t now_us);
void keyframe_came(struct receiver *rx, unsigned layer, uint32_t ts, int64_t now_us);
void keyframe_repeat(void *router); /**< Timer. */

/* report.c */
void report_open(struct rtcp_buf *b, const struct peer *p); /**< Begin a compound of feedback. */
void report_begin(struct router *r, int64_t now_us);        /**< There is somebody to report to. */
void report_if_due(struct router *r, int64_t now_us);
void report_tick(void *router); /**< Timer. */
uint64_t report_ntp(const struct router *r, int64_t now_us);
void report_sr(struct receiver *rx, unsigned layer, uint64_t ntp, uint32_t ts, int64_t now_us);
void report_span(struct receiver *rx, int64_t now_us); /**< How long its packets are kept. */
void report_block(struct peer *p, struct sender *tx, const struct rtcp_item *it, int64_t now_us);

/* remb.c */
void remb_start(struct peer *p,
	int64_t now_us); /**< A video packet came and the limit is not told in full. */
void remb_repeat(struct peer *p, int64_t now_us);

/* trunk.c */
void trunk_send(struct router *r, unsigned worker, struct trunk_msg *m);
void trunk_wish(struct router *r, const struct trunk_msg *m); /**< of the far side */
void trunk_tracks(struct receiver *rx);                       /**< What is received has changed. */
void trunk_fan_out(struct receiver *rx); /**< What is leaving goes to other workers. */
void trunk_report(
	const struct receiver *rx, unsigned layer, uint64_t ntp, uint32_t ts, int64_t at_us);
void trunk_end(struct receiver *rx);

/* mirror.c */
/** The mirror that a route from another worker needs, made if need be; NULL: it cannot be. */
struct receiver *mirror_open(struct router *r, const struct route *route, const struct sender *tx);
struct receiver *mirror_get(const struct router *r, uint32_t slot, unsigned mindex);
void mirror_wish(const struct receiver *rx, unsigned layer); /**< for a keyframe */
void mirror_close(struct peer *p);
void mirror_review(void *router); /**< Timer. */

/* level.c */
void level_seen(struct receiver *rx, const struct pkt *k, int64_t now_us);
void level_end(struct receiver *rx);                    /**< There is no sound any more. */
void level_review(struct receiver *rx, int64_t now_us); /**< Is there none? */

/* meter.c */
extern struct metric router_share_drops, router_wish_drops, router_nack_drops, router_rtcp_drops;
