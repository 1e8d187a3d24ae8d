/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "room.h"

/** @file
 * Rooms that a client has made and that nobody has been in for long go by themselves. Those of the
 * configuration stay, as do those that were asked to be permanent. */

/** @param timeout_s seconds without anybody in it; 0: rooms stay */
void empty_start(unsigned timeout_s);
void empty_stop(void);
/** Somebody has come or gone, or the room has just been made: its time begins anew. */
void empty_touch(struct room *r);
