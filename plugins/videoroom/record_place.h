/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "room.h"

/** @file
 * Where the recordings of a room go, and how they are called. Above room.h. */

/** May a room have this `rec_dir`? It can be written, is not protected, and unless it is @p trusted
 *  (by the configuration, the operator, or who has the admin_key) within the folder of recordings.
 *  @param dir NULL, "": that folder. @return false with @p e filled: 430, 499 */
bool record_place_ok(const char *dir, bool trusted, struct cardea_error *e);
/** The room's folder. @return to be freed; NULL: there is none */
char *record_place(const struct room *r);
char *record_name_part(const char *id); /**< An id as it stands in names of files; to be freed. */
/** A name for what a participant sends from now on; to be freed. */
char *record_name(const struct publisher *p);
