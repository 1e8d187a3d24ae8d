/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/json.h>

/** @file
 * Routes: which incoming track an outgoing one carries, and what is asked of the peer that sends.
 * Control thread. */
struct cardea_handle;

/** A track: one m-line of a handle's PeerConnection, incoming (to us) or outgoing as the call
 *  says. */
struct cardea_track {
	struct cardea_handle *handle;
	unsigned mindex;
};
/** What a route should carry. Unset members are 0 and mean the default. */
struct cardea_want {
	size_t size;                            /**< sizeof(struct cardea_want) */
	unsigned max_layer;                     /**< simulcast layer at most, 1…3; 0: no cap */
	unsigned max_temporal;                  /**< temporal layer at most, 1…3; 0: no cap */
	unsigned max_spatial, max_svc_temporal; /**< the same for SVC on one SSRC */
	/** silence of a layer before the next lower one is taken; 0: 250 ms */
	int64_t fallback_us;
	bool paused;              /**< keep the route, send nothing */
	int min_delay, max_delay; /**< playout-delay in 10 ms units plus 1; 0: as received */
};
/** Let the outgoing track carry the incoming one. Declarative: an outgoing track has one source,
 *  naming another switches seamlessly at its next keyframe, naming the same again changes only what
 *  is wanted. Ends with either PeerConnection.
 *  @return false when either handle has no PeerConnection, or no such m-line in that direction. */
CARDEA_API bool cardea_route(
	struct cardea_track receiver, struct cardea_track sender, const struct cardea_want *want);
/** Let the outgoing track carry nothing. Without a route: nothing. */
CARDEA_API void cardea_unroute(struct cardea_track sender);
/** Ask the peer for a keyframe on an incoming video track (coalesced). */
CARDEA_API void cardea_keyframe(struct cardea_track receiver);
/** Drop what an incoming track brings (muted by the room), or let it pass again. */
CARDEA_API void cardea_mute(struct cardea_track receiver, bool muted);
/** Cap what the peer sends by REMB, bits per second for the whole PeerConnection; 0: no cap. */
CARDEA_API void cardea_limit(struct cardea_handle *h, uint32_t bps);
/** Watch the audio level of an incoming track: average over @p packets and 200 ms at least (those
 *  that DTX leaves out count as silent), talking while below @p level (0 loud…127). 0 packets:
 *  off. */
CARDEA_API void cardea_watch_level(struct cardea_track receiver, unsigned packets, unsigned level);

/** A layer report; -1: unknown or not applicable. */
struct cardea_layer {
	size_t size;
	int substream, temporal;   /**< simulcast, now being sent */
	int spatial, svc_temporal; /**< SVC on one SSRC */
};
