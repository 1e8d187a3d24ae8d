/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "packetize.h"

/** @file
 * The parts of packetize.h. A payload is put together here, and given one behind: the last one of a
 * frame is known when there are no more. */
struct payloads {
	packetize_fn *fn;
	void *arg;
	size_t len; /**< of the one that waits, 0: none */
	uint8_t waits[PACKETIZE_MAX];
};
/** Begin the next payload. @return where it is to be written, up to PACKETIZE_MAX bytes; set
 *  p->len */
uint8_t *payloads_next(struct payloads *p);
void payloads_end(struct payloads *p);

void packetize_h264(const struct rec_frame *f, struct payloads *out);
void packetize_h265(const struct rec_frame *f, struct payloads *out);
void packetize_av1(const struct rec_frame *f, struct payloads *out);
