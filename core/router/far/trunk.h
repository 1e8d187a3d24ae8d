/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../link.h"

/** @file
 * The home side of trunks, where the receiver is: a consumer for each other worker that wants it.
 * The far side is mirror.h. */
struct trunk_msg;

/** What the far side wants: SUBSCRIBE, UNSUBSCRIBE, KEYFRAME. */
void trunk_wish(struct router *r, const struct trunk_msg *m);
