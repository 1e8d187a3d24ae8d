/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "receiver.h"

/** @file
 * Packets in: what was negotiated, loss and numbering, the cache, and the batch that waits for the
 * receiver's consumers. */

/** Apply what was negotiated. link_track() tells the consumers. */
enum err incoming_apply(struct receiver *rx, const struct track *t);
void incoming_end(struct receiver *rx); /**< It has no consumers any more. NULL is fine. */
/** A packet, once it is known whose it is; takes a reference of its own if it keeps it.
 *  @return false: it brings nothing, as a repeat, or one whose number cannot be right */
bool incoming_rtp(struct receiver *rx, unsigned layer, bool is_rtx, struct pkt *k, int64_t now_us);
/** It brings packets. @p newer: of a frame that is newer than all before. */
void incoming_alive(struct receiver *rx, unsigned layer, bool newer, int64_t now_us);
