/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "sender.h"

/** @file
 * The bytes of a packet out: its header and extensions, and what of the shared payload differs. */

enum packet_kind {
	PACKET_FIRST,  /**< never sent before: its padding is decided now */
	PACKET_REPEAT, /**< bit by bit as it was */
	PACKET_RTX,
};
/** Build the packet that @p s describes out of @p k, and send it. @p info is of k's payload.
 * @return false: it was not sealed. */
bool packet_put(struct sender *tx, const struct receiver *rx, struct pkt *k,
	const struct payload_info *info, struct sent *s, enum packet_kind kind);
/** A packet that carries nothing, for a number that was promised (RFC 3550, section 5.1: padding).
 */
void packet_pad(struct sender *tx, const struct sent *s);
