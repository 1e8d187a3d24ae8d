/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "peer_state.h"

/** @file
 * A peer's DTLS on its worker: datagrams from its path to the secure thread, and back. */

/** A datagram from a path of the peer's. */
void peer_dtls_input(struct rtc_peer *p, const uint8_t *data, size_t len);
/** One for the peer: now, or when its path is proven or has earned it. */
void peer_dtls_send(struct rtc_peer *p, const uint8_t *data, size_t len);
void peer_dtls_send_held(struct rtc_peer *p); /**< Perhaps it has. */
void peer_dtls_drop_held(struct rtc_peer *p);
