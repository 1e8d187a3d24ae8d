/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "receiver.h"

/** @file
 * How fast a layer is, and whether it keeps up with the others: see layer_alive(). */

void pace_learn(struct layer *l, int64_t now_us); /**< A frame came, newer than all before. */
void pace_compare(struct receiver *rx, unsigned layer, int64_t now_us); /**< A packet of it came. */
