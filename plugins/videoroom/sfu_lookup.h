/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "sfu_client.h"
#include "wanted.h"

/** @file
 * What a message on /sfu means by the names of its client's own: a room, a participant, a track.
 * Under sfu.c. */

/** As an id of the room's; NULL: ids are numbers, and this is none. */
json_t *sfu_as_id(const char *text);
struct room *sfu_find_room(const char *room_id); /**< NULL: none */
struct publisher *sfu_find_participant(const struct room *r, const char *participant_id);
/** The track that a message names. @return false with @p e filled */
bool sfu_find_track(const struct sfu_client *s, const json_t *message, struct wanted *out,
	struct cardea_error *e);
/** The m-line by which the client receives a track; -1: none. */
int sfu_line_of(const struct sfu_client *s, const struct wanted *w);
