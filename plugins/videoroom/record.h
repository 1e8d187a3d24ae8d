/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "room.h"

/** @file
 * What is recorded of one publisher: the first sound and the first camera in one file, every other
 * m-line apart. Above room.h; room_record.h records a room as a whole. */

/** Could it be recorded under @p name (NULL: one that is made up), as far as can be known?
 *  @return false with @p e filled: 499 */
bool record_check(const struct publisher *p, const char *name, struct cardea_error *e);
/** Record what it publishes, as far as it does not happen already. Of the room's recording it is a
 *  part where there is one: see room_record.h.
 *  @return false with @p e filled: 499 */
bool record_start(struct publisher *p, struct cardea_error *e);
void record_stop(struct publisher *p); /**< Its files end. */
/** It publishes other m-lines, or has renamed them. */
void record_lines_changed(struct publisher *p);
/** The plugin ends: nothing is told any more. */
void record_forget_all(void);
