/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "peer_state.h"

/** @file
 * Why a peer carries nothing on any m-line: how far ICE and DTLS are, and whether it may be sent
 * to. What is missing on one m-line is the router's to tell (router/why.h). */

void peer_why(const struct rtc_peer *p, struct why *out);
/** Add what only the peer as a whole can tell to what the router has told of its tracks. */
void peer_why_tracks(const struct rtc_peer *p, struct track_stats *tracks, unsigned n);
/** Once a second: has a reason lasted for WHY_TOLD_US, or one that was told ended?
 *  @return tell it now */
bool peer_why_look(struct rtc_peer *p, struct why *out);
