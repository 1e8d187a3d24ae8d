/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../peer.h"

/** @file
 * A peer's RTCP, item by item. */

void feedback_read(struct peer *p, const uint8_t *data, size_t len, int64_t now_us);
