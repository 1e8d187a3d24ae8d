/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/media.h>
#include "reason.h"

/** @file
 * What has been counted of one m-line, as a flat value: a worker reports it to control. */

/** Of a hundred packets of the last interval that had any, those that came: over the link, and in
 *  time for the media, with those lost and sent again as RTX. (Sent again without RTX, a packet
 *  cannot be told from the first, and counts for both.) Rounded down: 100 is without loss.
 *  Incoming: counted by us, over a second; in time is what need not be asked for twice
 *  (NACK_SECOND_US). Outgoing: by the fraction lost (RFC 3550) of the peer's reports in the last
 *  second that had any; of what we sent again the same share is taken as lost. 0 also where nothing
 *  is known yet. */
struct quality {
	uint8_t link, media;
};

/** Totals of one track, both directions; zero where it has none. */
struct track_stats {
	uint16_t mindex;
	uint8_t kind, codec;
	uint32_t ssrc_in[CARDEA_LAYERS], rtx_ssrc_in[CARDEA_LAYERS], ssrc_out;
	struct {
		uint64_t packets, bytes, nacks, retransmissions;
	} in[CARDEA_LAYERS];
	struct {
		uint64_t packets, bytes, nacks, retransmissions;
	} out;
	uint32_t bytes_in_lastsec[CARDEA_LAYERS], bytes_out_lastsec;
	/** cumulative, by us and as the peer reports */
	uint32_t lost[CARDEA_LAYERS], lost_remote;
	uint32_t jitter_ms[CARDEA_LAYERS], jitter_remote_ms, rtt_ms;
	struct quality quality_in[CARDEA_LAYERS], quality_out;
	/** how long what goes out can be sent again; 0: it is not */
	uint32_t nack_queue_ms;
	uint64_t keyframes;
	int8_t substream, temporal; /**< layer now sent; -1: none */
	struct why why_out, why_in;
};
