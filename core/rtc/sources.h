/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>

/** @file
 * Which peers have sent under which SSRC: who may have sent a packet that comes from nowhere known.
 * Chromium uses 1 wherever it only receives, so one SSRC may be that of thousands. One thread. */
struct sources;

#define SOURCES_OF_PEER 8 /**< kept of each peer, the latest */

struct sources *sources_create(unsigned max_peers);
void sources_destroy(struct sources *s); /**< NULL is fine. */
/** An authentic packet of this source came. */
void sources_note(struct sources *s, uint32_t slot, uint32_t ssrc);
void sources_forget(struct sources *s, uint32_t slot); /**< The peer is gone. */
/** Whose is it? Those not heard for longest come first: who has changed its address has fallen
 * silent at the old one. @return slots written, at most @p max */
unsigned sources_find(const struct sources *s, uint32_t ssrc, uint32_t *slots, unsigned max);
