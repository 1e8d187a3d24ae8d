/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/** @file
 * What is missing on one received SSRC and when to ask for it: once NACK_FIRST_US after the gap was
 * noticed (by then a packet that was only overtaken has come), once more at NACK_SECOND_US. */
#define NACK_WINDOW    160
#define NACK_FIRST_US  12000
#define NACK_SECOND_US 155000

struct nack {
	bool started;
	uint16_t highest;
	uint16_t n;
	struct {
		uint32_t noticed_us;
		uint16_t seq;
		bool asked;
	} missing[NACK_WINDOW]; /**< oldest first */
};
/** Nothing that came before counts any more. */
void nack_restart(struct nack *n);
/** A packet came. Larger jumps than NACK_WINDOW forward, or 1000 back, begin anew. @return is
 * anything missing? */
bool nack_seen(struct nack *n, uint16_t seq, int64_t now_us);
/** A keyframe begins at @p seq: what came before it is not needed any more. */
void nack_keyframe(struct nack *n, uint16_t seq);
/** Sequence numbers to ask for now, ascending; counted as asked. @return how many, at most
 * NACK_WINDOW. */
unsigned nack_due(struct nack *n, int64_t now_us, uint16_t seqs[NACK_WINDOW]);
/** @return when something will be due, INT64_MAX: nothing missing. */
int64_t nack_next(const struct nack *n, int64_t now_us);
