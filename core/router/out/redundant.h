/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "sender.h"

/** @file
 * Redundant audio (RFC 2198): what a sender passes on of it. */

/** Bytes in front of what a sender passes on of a payload. */
static inline uint16_t redundant_skip(const struct sender *tx, const struct payload_info *info)
{
	return tx->t.red_pt ? 0 : info->red_primary;
}
/** What was changed in a packet, to be put back. */
struct redundant {
	uint16_t payload;
	uint8_t pt; /**< of the blocks */
	bool renumbered;
};
/** Let the payload of @p k, which is redundant audio, be what @p tx passes on of it, until
 * redundant_undo(). */
void redundant_apply(struct redundant *saved, const struct sender *tx, struct pkt *k,
	const struct payload_info *info);
void redundant_undo(const struct redundant *saved, struct pkt *k);
