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
/** Begin the next. @return where it is to be written, up to PAYLOAD_MOST bytes; set p->len */
uint8_t *payloads_next(struct payloads *p);
void payloads_end(struct payloads *p);
