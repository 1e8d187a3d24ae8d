/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "sdp.h"

/** @file
 * Offer and answer (RFC 3264, RFC 8829) of one PeerConnection: from two descriptions to the tracks
 * a worker is told. */

/** What one PeerConnection has agreed on. Plain data of the handle's; the m-lines grow and never go
 *  away. */
struct negotiation {
	unsigned n_tracks; /**< m-lines, with those of an offer of ours that waits */
	/** m-lines of the last completed exchange: never fewer again */
	unsigned n_agreed;
	/** the m-line whose transport is used, while n_agreed > 0; -1: all are rejected */
	int tag;
	/** the data m-line that is accepted, while n_agreed > 0; -1: none */
	int data;
	bool bundles;                /**< the peer is in a BUNDLE group */
	struct track *tracks;        /**< one per m-line, owned */
	struct sdp_transport remote; /**< of the peer's latest description */
	struct cardea_desc *pending; /**< our offer that waits for its answer, owned; NULL: none */
	uint64_t version;            /**< of our o= line */
	char origin_id[32];
	/** SSRC of ours given last, and from there to the next: no two are alike */
	uint32_t ssrc, ssrc_step;
};
void negotiation_clear(struct negotiation *n);

/** There is one transport: reject those m-lines of a description, as it is parsed, that cannot be
 *  on it. What runs keeps the one it has; else of an answer the first m-line's counts, and without
 *  a group nothing shares it (RFC 9143, section 7.4); of a first offer it depends on what is
 *  accepted. */
void negotiate_hear(const struct negotiation *n, struct cardea_desc *theirs);
/** Our answer to their offer: fixes the tracks (directions, payload types, extensions, SSRCs of
 *  ours, kept for m-lines known already). @return ERR_INVALID with @p why (160 bytes) when the
 *  answer does not fit the offer. */
enum err negotiate_answer(struct negotiation *n, const struct cardea_desc *offer,
	const struct cardea_desc *answer, char *why);
/** Our offer, before it is printed: gives SSRCs to what we send, and a first or next version. Takes
 *  @p offer as n->pending, in place of one that waits; what runs is not touched. ERR_INVALID: @p
 *  offer is freed, nothing has changed. */
enum err negotiate_offer(struct negotiation *n, struct cardea_desc *offer, char *why);
/** Their answer to our pending offer: fixes the tracks; an m-line that the peer rejects stays,
 *  inactive. ERR_STATE: we had not offered. */
enum err negotiate_accept(struct negotiation *n, const struct cardea_desc *answer, char *why);
/** Has the peer begun ICE anew (RFC 8839, section 4.4.1.1.1)? False when there was no @p before. */
bool negotiate_is_restart(const struct sdp_transport *before, const struct sdp_transport *now);
/** Are data channels agreed on? */
bool negotiate_has_data(const struct negotiation *n);
/** @return the m-line that has an SCTP association, which it keeps while it is inactive; -1:
 *  none */
int negotiate_data_line(const struct negotiation *n);
