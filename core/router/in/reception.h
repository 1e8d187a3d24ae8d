/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "../../rtp/rtcp.h"

/** @file
 * Loss and jitter of one received SSRC (RFC 3550, sections 6.4.1, A.1, A.3, A.8). */
struct reception {
	bool started;
	uint16_t max_seq;
	uint32_t cycles, base_seq, bad_seq;
	uint32_t received, expected_prior, received_prior;
	int32_t transit;
	uint32_t jitter16; /**< timestamp units, times 16 */
};
enum seq_verdict {
	SEQ_OK,
	SEQ_STRAY,   /**< far off: counted as nothing, unless the next one follows it */
	SEQ_RESTART, /**< the sender began a new numbering */
};
/** A packet came (no retransmission). */
enum seq_verdict reception_seen(
	struct reception *r, uint16_t seq, uint32_t ts, uint32_t clock_hz, int64_t now_us);
int32_t reception_lost(const struct reception *r); /**< cumulative; repeats make it smaller */
/** The report block for the time since the last call; SSRC, LSR and DLSR are the caller's. */
void reception_block(struct reception *r, struct rtcp_block *out);
