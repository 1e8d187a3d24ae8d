/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "sender.h"

/** @file
 * What a subscriber may ask of a publisher: a budget of keyframes. */

/** Ask for a keyframe, if the sender's budget has room. */
void wish_keyframe(struct sender *tx, struct receiver *rx, unsigned layer, int64_t now_us);
