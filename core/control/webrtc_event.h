/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../rtc/msg.h"

/** @file
 * What event handlers are told of a PeerConnection: descriptions (type 8), ICE, DTLS and its state
 * (type 16). Nothing is made where nobody wants it. Control thread. */
struct cardea_handle;

/** @param type "offer" or "answer" */
void webrtc_event_description(
	const struct cardea_handle *h, bool is_local, const char *type, const char *sdp);
void webrtc_event_ice(const struct cardea_handle *h, const char *state);
/** The transport begins: gathering, and each of our candidates. */
void webrtc_event_opened(const struct cardea_handle *h, unsigned worker);
/** A candidate that the client has trickled, without "candidate:". */
void webrtc_event_candidate(const struct cardea_handle *h, const char *candidate);
/** The worker has reported that ICE and DTLS are up. */
void webrtc_event_connected(const struct cardea_handle *h, const struct report *r);
/** … that it is lost. @param why enum failure */
void webrtc_event_failed(const struct cardea_handle *h, unsigned why);
