/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/** @file
 * Packet indices per SSRC: the roll-over count and the replay window of RFC 3711, sections 3.3.1
 * and 3.3.2. */
#define REPLAY_WINDOW 128

struct replay {
	uint32_t ssrc;
	bool used;
	uint64_t highest;   /**< highest index so far */
	uint64_t window[2]; /**< bit n: index highest - n was seen */
};
/** A table of sources that grows to SRTP_MAX_SSRCS. Zeroed memory is an empty one. */
struct replays {
	struct replay *at;
	unsigned size, n;
};
void replays_clear(struct replays *t);
/** @return the source, or NULL. */
struct replay *replay_get(const struct replays *t, uint32_t ssrc);
/** @return the source, made if need be, or NULL when the table is full. Valid until the next call.
 */
struct replay *replay_make(struct replays *t, uint32_t ssrc);

/** The 48-bit index that a sequence number most likely stands for. @param s NULL: the first packet
 * of its source */
uint64_t replay_guess(const struct replay *s, uint16_t seq);
/** Was this index seen, or is it too old to tell? */
bool replay_seen(const struct replay *s, uint64_t index);
void replay_mark(struct replay *s, uint64_t index);
