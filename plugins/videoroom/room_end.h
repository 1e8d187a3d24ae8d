/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "room.h"

/** @file
 * The end of a room: whoever is in it is told, and put out. Above feed.h and sfu_events.h. */

void room_destroy(struct room *r);
