/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "room.h"

/** @file
 * Telling those in a room that it is recorded. Above sfu_events.h. */

void record_tell_room(struct room *r); /**< The recording of the room has begun, or ended. */
/** That of a participant has ended by itself, or could not begin: the room is told if it is
 *  recorded as a whole, otherwise the participant. */
void record_tell_broken(struct publisher *p, const char *reason);
