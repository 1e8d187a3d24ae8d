/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** @file
 * Rooms that a client has made and that nobody has been in for long go by themselves. Those of the
 * configuration stay, as do those that were asked to be permanent. Above rooms.h and
 * room_end.h. */

/** @param timeout_s seconds without anybody in it; 0: rooms stay */
void room_expiry_start(unsigned timeout_s);
void room_expiry_stop(void);
