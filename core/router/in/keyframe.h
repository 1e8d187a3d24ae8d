/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "receiver.h"

/** @file
 * Keyframes: who begins, changes layers or has lost too much needs one. What a subscriber may ask
 * for is up to out/wish.h. */

void keyframe_want(struct receiver *rx, unsigned layer, int64_t now_us);
void keyframe_came(struct receiver *rx, unsigned layer, uint32_t ts, int64_t now_us);
void keyframe_repeat(void *router); /**< Timer. */
