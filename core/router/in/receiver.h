/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../../rtp/payload.h"
#include "../peer.h"
#include "../reason.h"
#include "../track.h"
#include "../track_stats.h"
#include "cache.h"
#include "nack.h"
#include "reception.h"

/** @file
 * A track in, and what is kept of it: one SSRC, or its simulcast layers. Its packets come through
 * incoming.h and go to its consumers by link.h. A mirror (far/mirror.h) is one whose packets come
 * from another worker. */
#define KEYFRAME_US 300000 /**< between two requests for one SSRC */
#define HELD_MAX    256    /**< packets of one receiver's burst */
#define RECENT_SEQS 512    /**< packets of a layer, from the newest back, that are dealt with */

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
	uint16_t n_asked;                 /**< for a keyframe, since the last came */
	int64_t asked_us;                 /**< for a keyframe, last */
	int64_t last_at_us;               /**< newest packet; 0: none yet */
	/* how fast it is: slow video is not dead video */
	uint32_t frames;   /**< that were newer than all before */
	uint32_t frame_ts; /**< of the newest */
	int64_t frame_at_us;
	int64_t pace_us;              /**< between frames: the longest of the last dozen or so */
	int64_t pause_us;             /**< and of the last hundred */
	int64_t second_pause_us;      /**< the second longest of those: a single one is no habit */
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

/** What a receiver asks of where its packets come from. */
struct receiver_ops {
	/** Ask for a keyframe of a layer, and for the layer. It is asked again until one comes. */
	void (*keyframe)(struct receiver *rx, unsigned layer);
};

/** A track in. */
struct receiver {
	struct peer *peer;
	struct track t;
	bool muted;
	unsigned n_layers; /**< 1 without simulcast */
	struct layer *layers;
	const struct receiver_ops *ops;
	struct node consumers; /**< struct consumer (link.h) */
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
	struct node *at; /**< the consumer that is next; the ring itself: none */
	int64_t held_since_us;
	uint16_t burst_payload; /**< longest of those that go out now */
	bool held_whole;        /**< a frame's end is among them */
	int64_t span_us;        /**< how long its packets stay in the cache */
	uint64_t keyframes;
	uint64_t n_refused; /**< packets that came though the m-line is not to be received … */
	int64_t refused_us; /**< … the last of them; 0: none */
	struct {
		int64_t since_us, at_us; /**< of the newest row, and its last; 0: none */
		uint64_t of;             /**< receiver_packets() then */
	} odd;                           /**< packets of another payload type */
	struct look look;
	struct {
		unsigned packets, level, n, sum;
		int64_t since_us, last_us; /**< 0: no packet yet */
		uint32_t ts;
		uint16_t seq;
		bool talks;
	} watch;
};

struct receiver *receiver_new(
	struct peer *p, const struct receiver_ops *ops); /**< NULL: no memory */
void receiver_free(struct receiver *rx);                 /**< It has no consumers any more. */
enum err receiver_set_layers(struct receiver *rx, unsigned n);
enum err receiver_set_feedback(struct receiver *rx);
/** Numbering begins anew: whoever carries this layer starts again at a keyframe. */
void receiver_restart(struct receiver *rx, unsigned layer);
/** The SSRC of a layer is known. Another track's that had it loses it: the last word counts. */
void receiver_bind(struct receiver *rx, unsigned layer, uint32_t ssrc, bool is_rtx);
/** There came packets up to this number that are not here. */
void receiver_missed(struct layer *l, uint16_t seq);
/** Let go of the packets that wait for their turn, or of those that are leaving. */
void receiver_drop_held(struct receiver *rx);
void receiver_drop_leaving(struct receiver *rx);
/** Read the payload and header of a packet, for what decides about it. */
void receiver_look(
	const struct receiver *rx, struct layer *l, const struct pkt *k, struct payload_info *info);
/** The same where neither layers nor pictures matter any more. */
void receiver_look_again(const struct receiver *rx, const struct pkt *k, struct payload_info *info);
/** Something is missing: see to it that it will be asked for (rtcp/request.h). */
void receiver_nack_soon(struct receiver *rx, int64_t now_us);

/** All that came, on whichever layer. */
static inline uint64_t receiver_packets(const struct receiver *rx)
{
	uint64_t n = 0;
	for (unsigned i = 0; i < rx->n_layers; i++)
		n += rx->layers[i].packets;
	return n;
}
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
static inline int substream_of(const struct receiver *rx, unsigned layer)
{
	return rx->t.n_layers ? (int)layer : -1;
}
