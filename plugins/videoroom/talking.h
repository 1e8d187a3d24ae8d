/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "room.h"

/** @file
 * Who talks: the audio levels that are watched, and telling the room. Above room.h. */

/** It may have set values of its own for what counts as talking. */
void talking_set_levels(struct publisher *p, const struct cardea_args *args);
void talking_watch(const struct publisher *p); /**< Watch the levels of its streams. */
/** The room's recording is over: watch them no more, where nothing else wants it. */
void talking_unwatch(struct publisher *p);
/** A stream has begun or stopped talking; the room is told. */
void talking_changed(struct publisher *p, unsigned mindex, bool talking, double avg);
void talking_stopped(struct publisher *p, unsigned mindex); /**< It can talk no more. */
