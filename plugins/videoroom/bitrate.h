/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "room.h"

/** @file
 * What a publisher may send at most. Above room.h: the room may have a cap for all. */

/** It may have set a cap of its own. */
void bitrate_set(struct publisher *p, const struct cardea_args *args);
unsigned bitrate_cap_of(const struct publisher *p); /**< the cap in force, 0: none */
/** The room's cap is another: all who publish get what is in force now. */
void bitrate_limit_all(const struct room *r);
