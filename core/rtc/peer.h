/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "news.h"
#include "worker.h"

/** @file
 * A PeerConnection on its worker: from credentials to a path, from the path to keys, from keys to
 * media. */
#define PEER_HELD 4
struct peer {
	struct worker *worker;
	uint64_t id;
	uint32_t slot;
	uint8_t dtls_server; /**< as in struct cmd_peer_open */
	uint8_t owed;        /**< reports still to be pushed: bits of enum report_type */
	uint8_t why;         /**< enum failure, once failed */
	bool is_described;   /**< the peer's side of ICE is known: its time runs */
	bool has_path, is_up, has_failed, is_closing;
	bool is_proven; /**< its path was, before DTLS was done */
	bool may_send;  /**< up, and consent to what we send has not run out (RFC 7675) */
	struct path path;
	struct pkt *held[PEER_HELD]; /**< DTLS that the path had no share for yet */
	unsigned n_held;
	struct srtp *srtp; /**< NULL until DTLS is done, and for data channels alone */
	struct srtp *old;  /**< of the association before: it still opens what was on its way … */
	int64_t old_until_us; /**< … until then */
	uint16_t profile;
	int64_t described_us;
	int64_t heard_us; /**< on the path that it is spoken to on; of media only what came there */
	int64_t alive_us; /**< anywhere else, and by DTLS */
	int64_t opened_us, ice_us, dtls_started_us, dtls_us, failed_us;
	uint64_t packets_in; /**< of media */
	struct dtls_count {
		uint64_t packets, bytes;
	} dtls_in, dtls_out;
	uint32_t dtls_repeats;
	uint64_t too_large;
	struct wheel_timer timer; /**< ICE never came, or the peer fell silent */
	struct news news;
};

/** CMD_PEER_OPEN. Failures are reported (REP_FAILED, FAIL_FULL). */
void peer_open(struct worker *w, uint64_t id, const struct cmd_peer_open *o);
void peer_ice(struct peer *p, const struct cmd_peer_open *o); /**< CMD_PEER_ICE */
void peer_close(struct peer *p, bool silent);     /**< CMD_PEER_CLOSE: REP_RETIRED will follow. */
void peer_free(struct peer *p);                   /**< At once, without a word. */
void peer_stats(struct peer *p, uint64_t cookie); /**< CMD_STATS */

void peer_heard(struct peer *p);                                 /**< a valid check came */
void peer_path(struct peer *p, const struct path *path);         /**< ICE chose it */
void peer_secured(struct peer *p, const struct secure_reply *r); /**< a word of the secure thread */
/** A datagram from a path of the peer's. */
void peer_dtls(struct peer *p, const uint8_t *data, size_t len);
void peer_srtp(struct peer *p, struct pkt *k);
void peer_srtcp(struct peer *p, struct pkt *k);
/** A media packet that may be this peer's: from another path, or one that it shares.
 * @return whether it was; if not, @p k is as before */
bool peer_try(struct peer *p, struct pkt *k, const struct path *from);
/** Something will be sent soon: fetch what that takes, in hops 0, 1 and 2. */
void peer_warm(const struct peer *p, unsigned hop);
/** Encrypt and queue. Borrowed until the call returns. @return false: not sealed */
bool peer_send_rtp(struct peer *p, const struct rtp_parts *parts, bool is_video);
void peer_forget_ssrc(struct peer *p, uint32_t ssrc); /**< as srtp_forget() */
void peer_send_rtcp(struct peer *p, const uint8_t *data, size_t len);
/** A DTLS datagram for the peer: now, or when its path is proven or has earned it. */
void peer_send_dtls(struct peer *p, const uint8_t *data, size_t len);
void peer_send_held(struct peer *p); /**< Perhaps it has. */
void peer_drop_held(struct peer *p);
/** Push the reports that had no room. */
void peer_pay(struct peer *p);
/** Show the counters at /metrics. Once. */
void peer_metrics(void);
