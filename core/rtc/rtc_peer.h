/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "peer_state.h"
#include "secure_msg.h"
#include "tap.h"

/** @file
 * A PeerConnection on its worker: from credentials to a path, from the path to keys, and to its
 * end. Between ICE and the secure thread on one side and the router on the other; its packets are
 * peer_media.h's. */

/** CMD_PEER_OPEN. What fails later is reported (REP_FAILED). @return ERR_FULL: there is no peer */
enum err rtc_peer_open(struct worker *w, uint64_t id, const struct cmd_peer_open *o);
void rtc_peer_ice(struct rtc_peer *p, const struct cmd_peer_open *o); /**< CMD_PEER_ICE */
void rtc_peer_close(
	struct rtc_peer *p, bool silent); /**< CMD_PEER_CLOSE: REP_RETIRED will follow. */
void rtc_peer_free(struct rtc_peer *p);   /**< At once, without a word. */
void rtc_peer_stats(struct rtc_peer *p, uint64_t cookie); /**< CMD_STATS */
/** CMD_CAPTURE. @param t taken; NULL: none any more */
void rtc_peer_capture(struct rtc_peer *p, struct tap *t);

void rtc_peer_heard(struct rtc_peer *p);                         /**< a valid check came */
void rtc_peer_path(struct rtc_peer *p, const struct path *path); /**< ICE chose it */
void rtc_peer_secured(
	struct rtc_peer *p, const struct secure_reply *r); /**< a word of the secure thread */
/** Push the reports that had no room. */
void rtc_peer_retry(struct rtc_peer *p);
/** Show the counters at /metrics. Once. */
void rtc_peer_metrics(void);
