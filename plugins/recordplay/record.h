/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "session.h"

/** @file
 * Recording: the request, and how it ends. */
bool record_request(struct cardea_call *call);
/** What a session records is to end; the client is told when it can be listed, at the latest in two
 *  seconds, and the PeerConnection is closed. */
void record_stop(struct session *s, const char *transaction);
/** Whatever it records or waits for ends without a word. */
void record_drop(struct session *s);
void record_configured(struct session *s); /**< bitrate_max, keyframe_ms: while it records */
void record_set_private(bool on);          /**< unless a request tells */
