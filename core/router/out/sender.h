/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../link.h"
#include "../route.h"
#include "rewrite.h"

/** @file
 * A track out: its source, its numbers, and what it remembers of the packets it sent. Packets reach
 * it by outgoing.h. */

#define AGAIN_COST 16 /**< of a packet sent again, in what its number alone costs */

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
	struct consumer cur, next; /**< of the source it carries, and of the one it waits for */
	struct route route;
	int64_t switch_by_us; /**< the old source is let go then */
	bool on;              /**< the source's layer below is being carried */
	uint8_t layer;
	uint32_t gen;
	int8_t temporal, spatial; /**< highest that pass now */
	bool asked;               /**< for a keyframe, and none has come */
	bool catches_up; /**< carries what a source sends again, and leaves out what is new */
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
	/* seldom needed, from here on (see outgoing.c) */
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
	bool source_ended; /**< and there is no other one yet */
	struct look look;
};

/** @param ops of its ties to receivers. NULL: no memory. Apply a track next. */
struct sender *sender_new(struct peer *p, const struct consumer_ops *ops);
enum err sender_apply(struct sender *tx, const struct track *t);
void sender_free(struct sender *tx);        /**< NULL is fine. */
enum err sender_prepare(struct sender *tx); /**< Memory for what a sender needs that carries. */

/** Take a receiver for its source: at once, or when that has a keyframe. */
void sender_aim(struct sender *tx, struct receiver *rx, int64_t now_us);
void sender_unlink(struct sender *tx);
void sender_promote(struct sender *tx); /**< The awaited source becomes the present one. */
/** The layer being carried, NULL: none. */
struct layer *sender_layer(const struct sender *tx);

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
