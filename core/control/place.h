/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>

/** @file
 * Which worker a PeerConnection lives on; peerconn.c asks when one opens. Those of one key (a chat
 * room) stay together as long as they are few, since a wake-up across threads costs as much as six
 * packets; then others take their share. Control thread. */

/** @param together peers of a key on one worker before the next is used; at least 1 */
void place_setup(unsigned workers, unsigned together);
void place_end(void);
/** @param key 0: alone. @return the worker, where the peer is now counted. */
unsigned place_take(uint64_t key);
void place_give(uint64_t key, unsigned worker); /**< It is gone. */
