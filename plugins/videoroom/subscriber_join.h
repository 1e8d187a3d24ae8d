/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "room.h"

/** @file
 * A handle joins a room as a subscriber, and gets its first offer. Above subscriber_offer.h. */

bool subscriber_join(struct cardea_call *c, struct room *r);
