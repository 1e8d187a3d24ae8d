/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "room.h"

/** @file
 * A handle joins a room as a participant, which may publish. Above publish.h and
 * publisher_leave.h. */

/** @param configure with what `configure` takes, too: joinandconfigure */
bool publisher_join(struct cardea_call *c, struct room *r, bool configure);
