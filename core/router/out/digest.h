/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include "../../base/buf.h"
#include "../../rtp/rtp.h"

/** @file
 * A keyed digest of 64 bits, to prove that a packet which is sent again is the one that was sent.
 * Who does not know the key finds two packets of one digest by chance alone: one pair in some 2^58.
 * It costs about half an instruction a byte. */
#define DIGEST_WORDS ((RTP_MAX_HEADER + PKT_CAP) / 8 + 4)

struct digest_key {
	uint64_t words[DIGEST_WORDS];
	uint64_t at; /**< below 2^61 - 1 */
};
void digest_key_make(struct digest_key *k); /**< at random */
/** Of a packet's header (at most RTP_MAX_HEADER bytes) and payload (at most PKT_CAP). */
uint64_t digest(const struct digest_key *k, const struct rtp_parts *p);
