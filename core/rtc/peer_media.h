/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/buf.h"
#include "../rtp/rtp.h"
#include "peer_state.h"

/** @file
 * A peer's RTP and RTCP on its worker: decrypted on the way to the router, encrypted on the way to
 * the socket. */

/** From the path that is its own. */
void peer_media_srtp(struct rtc_peer *p, struct pkt *k);
void peer_media_srtcp(struct rtc_peer *p, struct pkt *k);
/** A media packet that may be this peer's: from another path, or one that it shares.
 * @return whether it was; if not, @p k is as before */
bool peer_media_try(struct rtc_peer *p, struct pkt *k, const struct path *from);
/** Something will be sent soon: fetch what that takes, in hops 0, 1 and 2. */
void peer_media_warm(const struct rtc_peer *p, unsigned hop);
/** Encrypt and queue. Borrowed until the call returns. @return false: not sealed */
bool peer_media_send_rtp(struct rtc_peer *p, const struct rtp_parts *parts, bool is_video);
void peer_media_forget_ssrc(struct rtc_peer *p, uint32_t ssrc); /**< as srtp_forget() */
void peer_media_send_rtcp(struct rtc_peer *p, const uint8_t *data, size_t len);
/** Show the counters at /metrics. Once. */
void peer_media_metrics(void);
