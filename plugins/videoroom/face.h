/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "room.h"

/** @file
 * What others are told of a participant: its name, and its streams. */

/** bytes of all names in a room: who joins is told all of them at once */
#define ROOM_NAMES_MAX (2 << 20)

const char *kind_name(enum cardea_kind kind);
int publisher_find_mid(const struct publisher *p, const char *mid); /**< m-line index or -1 */
/** Does any of its streams? @param known out: whether there is one of which that can be said */
bool publisher_talks(const struct publisher *p, bool *known);
json_t *publisher_json(const struct publisher *p, bool with_talking);
json_t *streams_json(const struct publisher *p, bool with_talking);
/** Add the codec of the first stream of each kind: what the older clients look at. */
void codecs_json(json_t *j, const struct publisher *p);
/** Add display and metadata, those that there are. */
void name_json(json_t *j, const struct publisher *p);

/** Is there room for the names that a request brings? @param p NULL: a newcomer's  @return false
 *  with @p e filled: 430 */
bool name_fits(const struct room *r, const struct publisher *p, const struct cardea_args *args,
	struct cardea_error *e);
/** Take them; what the request does not say stays. */
void name_set(struct publisher *p, const struct cardea_args *args);
