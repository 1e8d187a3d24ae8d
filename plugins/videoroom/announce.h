/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "room.h"

/** @file
 * Telling a room what a publisher publishes, by either way in. Above publisher_json.h and
 * sfu_events.h. */

void publisher_announce(struct publisher *p);
