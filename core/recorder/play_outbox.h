/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <sys/uio.h>
#include "play_unit.h"

/** @file
 * Packets of pictures on their way to a worker: in slices, for a receiver holds 256 of a burst,
 * and a keyframe may have more. 32 in 4 ms are 74 Mbit/s. */
#define PLAY_SLICE    32
#define PLAY_SLICE_US 4000
#define PLAY_WAITING  512 /**< packets that may wait, and one picture more */

struct play_outbox {
	uint8_t *bytes; /**< packets as source_msg.h has them */
	size_t at, len, size;
	unsigned n;
	int64_t next_us; /**< the next slice */
	size_t slice;    /**< bytes of the one that was shown */
	unsigned slice_n;
};
bool play_outbox_add(struct play_outbox *o, const struct play_unit *u); /**< false: no memory */
static inline bool play_outbox_is_full(const struct play_outbox *o)
{
	return o->n >= PLAY_WAITING;
}
static inline bool play_outbox_is_empty(const struct play_outbox *o)
{
	return !o->n;
}
/** The slice that may leave now. @return false: none may */
bool play_outbox_peek(struct play_outbox *o, int64_t now_us, struct iovec *slice, unsigned *n);
/** It has left; or there was no room, and it waits. */
void play_outbox_left(struct play_outbox *o, bool has_left, int64_t now_us);
int64_t play_outbox_due_us(const struct play_outbox *o); /**< INT64_MAX: nothing waits */
void play_outbox_clear(struct play_outbox *o);
