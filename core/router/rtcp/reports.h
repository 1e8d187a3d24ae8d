/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../../rtp/rtcp.h"
#include "../out/sender.h"

/** @file
 * Once a second and peer, while media flows: reports about what came and what went (RFC 3550,
 * section 6), silence noticed, losses told. */

void reports_if_due(struct router *r, int64_t now_us);
void reports_tick(void *router); /**< Timer. */
/** What a peer reports of what it is sent. */
void reports_block(struct peer *p, struct sender *tx, const struct rtcp_item *it, int64_t now_us);
