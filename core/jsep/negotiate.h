/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "sdp.h"

/** @file
 * Offer and answer (RFC 3264, RFC 8829) of one PeerConnection: from two descriptions to the tracks a worker is told. */

/** What one PeerConnection has agreed on. Plain data of the handle's; the m-lines grow and never go away. */
struct negotiation {
	unsigned n_tracks;
	struct track *tracks;         /**< one per m-line, owned */
	struct sdp_transport remote;  /**< the peer's last word */
	struct cardea_desc *pending;  /**< our offer that waits for its answer, owned; NULL: none */
	uint64_t version;             /**< of our o= line */
	char origin_id[32];
};
void negotiation_clear(struct negotiation *n);

/** Our answer to their offer: fixes the tracks (directions, payload types, extensions, SSRCs of ours, kept for m-lines known
 *  already). @return ERR_INVALID with @p why (160 bytes) when the answer does not fit the offer. */
enum err negotiate_answer(struct negotiation *n, const struct cardea_desc *offer, const struct cardea_desc *answer, char *why);
/** Our offer, before it is printed: gives SSRCs to what we send. Takes @p offer as n->pending. */
enum err negotiate_offer(struct negotiation *n, struct cardea_desc *offer, char *why);
/** Their answer to our pending offer: fixes the tracks. ERR_STATE: we had not offered. */
enum err negotiate_accept(struct negotiation *n, const struct cardea_desc *answer, char *why);
