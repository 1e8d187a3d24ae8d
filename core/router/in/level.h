/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "receiver.h"

/** @file
 * Who talks, by the audio levels that packets carry (RFC 6464). */

/** Watch a track: by the average of so many packets, below so much is talking; 0 packets: not. */
void level_watch(struct receiver *rx, unsigned packets, unsigned level);
void level_seen(struct receiver *rx, const struct pkt *k, int64_t now_us);
void level_end(struct receiver *rx);                    /**< There is no sound any more. */
void level_review(struct receiver *rx, int64_t now_us); /**< Is there none? */
