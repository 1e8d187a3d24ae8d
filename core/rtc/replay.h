/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "../base/err.h"

/** @file
 * Packet indices per SSRC (RFC 3711, sections 3.3.1 and 3.3.2): which came in, which were used to
 * seal. The window is a ring of bits, one an index, of the newest REPLAY_WINDOW indices.
 *
 * An example: highest 1000, window 512. Index 489 has the oldest bit; 488 is too old to tell. When
 * 1003 comes, the bits of 490, 491 (those of 1002, 1003 now) and 489 (1001) are cleared, and that
 * of 1003 is set.
 *
 * An index is the roll-over count and the sequence number, 48 bits. Coming in, the count is
 * guessed: it is the one that brings the index next to the highest. Highest 0x1fffa (count 1,
 * number 65530): number 3 is 0x20003, for 65530 - 3 is more than half a round. Highest 0x20003:
 * number 65534 is 0x1fffe, a late one. Highest 3, count 0: number 65534 is 0xfffe, for there is
 * no earlier round.
 *
 * Going out, the count starts anew under each key: when the first index of a source is 0x30005, for
 * it has gone round three times under an earlier key, its base is 0x30000 and it is sealed as 5. */
#define REPLAY_WINDOW 512  /**< as many numbers as the router remembers of a track (RW_SEQS) */
#define REPLAY_GONE   8192 /**< sources given up whose names are kept */
/** sources per direction: a further one is refused going out, and takes the place of one not heard
 *  for long coming in */
#define SRTP_MAX_SSRCS 1024
#define SEAL_AHEAD     (1 << 14) /**< farther from what was sealed last no number may be */

struct replay {
	uint32_t ssrc;
	bool used;
	uint32_t heard;   /**< incoming only: a count that grows with every packet of the table */
	uint64_t base;    /**< sealing only: roll-overs of others' keys before its first index */
	uint64_t highest; /**< highest index so far */
	uint64_t window[REPLAY_WINDOW / 64];
};
/** A table of sources that grows to SRTP_MAX_SSRCS. Zeroed memory is an empty one. */
struct replays {
	struct replay *at;
	unsigned size, n;
	uint32_t heard;
	uint32_t *gone; /**< names of sources given up, the latest REPLAY_GONE; NULL: none yet */
	unsigned n_gone;
};
void replays_clear(struct replays *t);
/** @return the source, or NULL. */
struct replay *replay_get(const struct replays *t, uint32_t ssrc);
/** @return the source, made if need be, or NULL when the table is full. Valid until the next call.
 */
struct replay *replay_make(struct replays *t, uint32_t ssrc);
/** The source is no more. Unknown: fine. */
void replay_forget(struct replays *t, uint32_t ssrc);

/** The 48-bit index that a sequence number most likely stands for. @param s NULL: the first packet
 * of its source */
uint64_t replay_guess(const struct replay *s, uint16_t seq);
/** Was this index seen, or is it too old to tell? */
bool replay_seen(const struct replay *s, uint64_t index);
void replay_mark(struct replay *s, uint64_t index);

/** An authentic packet came: mark its index. @p s is its source as replay_get() gave it; where that
 * is NULL one is made, and in a full table one that was not heard for long is given up for it
 * (@p gone gets its SSRC, else 0; NULL: not wanted). What was given up does not come back: it could
 * be played again.
 *  @return ERR_EXISTS: of such a source; ERR_FULL: out of memory */
enum err replay_admit(
	struct replays *t, struct replay *s, uint32_t ssrc, uint64_t index, uint32_t *gone);

/** Take an index to seal under. Each is given once, later only for the same bytes @p again: two
 * packets under one index of a key would give both away. The roll-over count on the wire begins
 * with zero under every key: @p index becomes that one.
 *  @return ERR_EXISTS: used, or too old to tell; ERR_INVALID: too far ahead; ERR_FULL */
enum err replay_claim(struct replays *t, uint32_t ssrc, uint64_t *index, bool again);
/** Show the counters at /metrics. Once. */
void replay_metrics(void);
