/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/buf.h"
#include "ice.h"

/** @file
 * Media and handshakes from paths that are not simply one peer's: a peer may have a new address, or
 * share its address with another. Whose a packet is the keys say, tried within a budget. Beside the
 * straight way from worker.c to a peer, for what worker.c cannot place. */
struct worker;

struct roam;
struct roam *roam_create(void);
void roam_destroy(struct roam *r); /**< NULL is fine. */

/** SRTP or SRTCP. @param way as ice_find() gave it, NULL: nobody's */
void roam_media(struct worker *w, struct pkt *k, const struct path *from, struct ice_way *way);
/** DTLS, on a path that somebody has named. */
void roam_dtls(struct worker *w, struct pkt *k, const struct path *from, struct ice_way *way);
/** Show the counters at /metrics. Once. */
void roam_metrics(void);
