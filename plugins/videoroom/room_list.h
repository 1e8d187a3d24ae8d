/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "room.h"

/** @file
 * A room's entry in the answer to `list`: as JSON, and as text that is printed once for as long as
 * its options stay. Above room.h. */

json_t *room_list_entry(const struct room *r);           /**< new reference */
void room_list_text(const struct room *r, GString *out); /**< The same, printed already. */
void room_list_changed(struct room *r);                  /**< Its options are others. */
