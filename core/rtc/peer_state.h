/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "addr.h"
#include "report_queue.h"
#include "worker_state.h"

/** @file
 * What a PeerConnection is on its worker: written by rtc_peer.c, of DTLS by peer_dtls.c, of media
 * by peer_media.c, looked at by worker.c and roam.c. No verbs. */
#define PEER_HELD 4
struct rtc_peer {
	struct worker *worker;
	uint64_t id;
	uint32_t slot;
	enum dtls_role dtls_role;
	uint8_t late;      /**< reports still to be pushed: bits of enum report_type */
	uint8_t why;       /**< enum failure, once failed */
	bool is_described; /**< the peer's side of ICE is known: its time runs */
	bool has_path, is_up, has_failed, is_closing;
	bool is_proven; /**< its path was, before DTLS was done */
	bool may_send;  /**< up, and consent to what we send has not run out (RFC 7675) */
	struct path path;
	struct pkt *held[PEER_HELD]; /**< DTLS that the path had no share for yet */
	unsigned n_held;
	struct tap *tap;   /**< a capture (tap.h); NULL: none */
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
	struct report_queue media_reports;
	struct look look; /**< see peer_why.h */
};
