/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "play_unit.h"

/** @file
 * Numbers, timestamps and VP8 counters of a track that is played: whatever is paused, passed over
 * or sent again, sequence numbers and picture ids go up by one, and timestamps with the time at
 * which they leave. So one clock, which never jumps, tells of all tracks what belongs together. */
struct play_numbers {
	uint8_t codec, kind;
	uint32_t clock_hz;
	uint32_t ts_base; /**< at 0 of the clock */
	uint16_t seq;     /**< of the next packet */
	uint16_t picture_id;
	uint8_t tl0;
	bool has_begun;
	uint32_t ts;    /**< of the newest */
	uint32_t ticks; /**< that its sound lasts */
};
/** Random beginnings. */
void play_numbers_init(struct play_numbers *n, uint8_t kind, uint8_t codec, uint32_t clock_hz);
/** The timestamp at @p us of the clock. */
uint32_t play_numbers_ts(const struct play_numbers *n, int64_t us);
/** Fill in those of a unit, whose packets are marked as new or sent again, that is due at @p us
 *  of the clock. @param ticks that its sound lasts, 0: not known */
void play_numbers_fill(struct play_numbers *n, struct play_unit *u, int64_t us, uint32_t ticks);
