/* SPDX-License-Identifier: Apache-2.0 */
#include "../../rtp/payload.h"
#include "redundant.h"

/* Redundant audio (RFC 2198) on its way to one sender. Who agreed to it gets it whole, under its
 * own payload types; everybody else gets the newest block, which is what plain audio would have
 * been. As with other things that differ per sender, the shared packet is changed for the length of
 * one call. */

void redundant_apply(struct redundant *saved, const struct sender *tx, struct pkt *k,
	const struct payload_info *info)
{
	uint16_t skip = redundant_skip(tx, info);
	*saved = (struct redundant){ .payload = k->payload };
	if (!skip && (k->data[k->payload] & 0x7f) != tx->t.pt) {
		saved->pt = red_renumber(k->data + k->payload, tx->t.pt);
		saved->renumbered = true;
	}
	k->payload = (uint16_t)(k->payload + skip);
	k->payload_len = (uint16_t)(k->payload_len - skip);
}

void redundant_undo(const struct redundant *saved, struct pkt *k)
{
	k->payload_len = (uint16_t)(k->payload_len + k->payload - saved->payload);
	k->payload = saved->payload;
	if (saved->renumbered)
		red_renumber(k->data + k->payload, saved->pt);
}
