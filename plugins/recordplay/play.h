/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "session.h"

/** @file
 * Playing: the requests play, start, seek and speed, and what the client hears of how it goes on
 * and ends (showing.h). Where the next file has other codecs, the client is offered them anew. */
bool play_request(struct cardea_call *call);
bool start_request(struct cardea_call *call);
bool seek_request(struct cardea_call *call);
bool speed_request(struct cardea_call *call);
/** @return the number of what is played; 0: nothing is */
uint64_t play_id(const struct session *s);
bool play_is_private(const struct session *s);
/** Of what plays. @return false with @p e: others steer it */
bool play_hold(struct session *s, bool on, struct cardea_error *e);
void play_stop(struct session *s);      /**< The PeerConnection is closed, if there is one. */
void play_connected(struct session *s); /**< Its PeerConnection is up. */
void play_drop(struct session *s);      /**< It ends without a word. Not playing: fine. */
