/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "room.h"

/** @file
 * What participants on /sfu are told of their room. Those of the session API have room_tell(); all
 * but the wording is the same for both. */

/** The numbers of errors on /sfu: those of HTTP, for they are known. */
enum {
	SFU_INVALID = 400,
	SFU_UNAUTHORIZED = 401,
	SFU_UNKNOWN = 404,
	SFU_CONFLICT = 409,
	SFU_FULL = 503,
};

const char *participant_name(const struct publisher *p);
const char *room_name(const struct room *r);
const char *track_name(const struct stream *s);
/** Under which name a participant's streams are received (a=msid): its id, or on /sfu its
 *  participant_id where SDP can say that. */
const char *stream_name(const struct publisher *p, bool on_sfu);

/** Answer or offer: an event with @p data (taken), or on /sfu a message of its own. @param desc
 *  taken
 *  @return false: it could not be, and the client has been told why */
bool tell_description(
	struct cardea_handle *h, const char *transaction, json_t *data, struct cardea_desc *desc);

void news_joined(const struct publisher *p);
/** A track has come or gone. */
void news_track(const struct publisher *p, struct stream *s, bool available);
/** The tracks that have come and gone since the last time. */
void news_tracks(struct publisher *p);
/** It is out of room @p r. @param how "leaving" or "kicked" */
void news_left(const struct publisher *p, const struct room *r, const char *how);
void news_destroyed(const struct room *r);
/** To a newcomer on /sfu: where it is, who is there, and what there is to see. */
void news_welcome(const struct publisher *p);
