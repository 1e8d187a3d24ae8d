/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "room.h"

/** @file
 * What participants on /sfu are told of their room. Those of the session API have room_tell(); all
 * but the wording is the same for both. Above sfu_client.h. */

void sfu_tell_joined(const struct publisher *p);
/** A track has come or gone. */
void sfu_tell_track(const struct publisher *p, struct stream *s, bool available);
/** The tracks that have come and gone since the last time. */
void sfu_tell_tracks(struct publisher *p);
/** It is out of room @p r. @param how "leaving" or "kicked" */
void sfu_tell_left(const struct publisher *p, const struct room *r, const char *how);
/** Whether the room is recorded. @param reason of an end that came by itself; NULL: of none */
void sfu_tell_recording(const struct room *r, const char *reason);
void sfu_tell_destroyed(const struct room *r);
/** To a newcomer on /sfu: where it is, who is there, and what there is to see. */
void sfu_tell_newcomer(const struct publisher *p);
