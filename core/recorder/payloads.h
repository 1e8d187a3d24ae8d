/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** @file
 * Payloads as they are put together for packetize.h. One is given when the next begins, for only
 * then it is known not to be the last of its frame. */
#define PAYLOAD_MOST 1160 /**< bytes of one of video: with headers and extensions 1200 */

/** One payload, borrowed for the call. @param last the frame ends with it */
typedef void payloads_fn(void *arg, const uint8_t *payload, size_t len, bool last);

struct payloads {
	payloads_fn *fn;
	void *arg;
	size_t len; /**< of the one that waits, 0: none */
	uint8_t waits[PAYLOAD_MOST];
};
/** How long each of the fewest pieces of @p len bytes is that are no longer than @p most: all of
 *  one size but the last, which is not longer. So packets of a frame leave in one message, which
 *  the kernel cuts by one size (UDP GSO). 2400 of 1156 at most: 800, 800, 800; 2401: 801, 801,
 *  799. */
static inline size_t payloads_piece(size_t len, size_t most)
{
	size_t n = (len + most - 1) / most;
	return n ? (len + n - 1) / n : most;
}
/** Begin the next. @return where it is to be written, up to PAYLOAD_MOST bytes; set p->len */
uint8_t *payloads_next(struct payloads *p);
void payloads_end(struct payloads *p);
