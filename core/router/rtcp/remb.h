/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../peer.h"

/** @file
 * The cap that an application puts on a publisher, told by REMB. */

void remb_limit(struct peer *p, uint32_t bps); /**< 0: none */
/** A video packet came and the limit is not told in full. */
void remb_start(struct peer *p, int64_t now_us);
void remb_repeat(struct peer *p, int64_t now_us);
