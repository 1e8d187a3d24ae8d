/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "room.h"

/** @file
 * The options of a room: read from the configuration or `create`, changed by `edit`, and put in
 * force. Above room.h; rooms.c makes rooms with it. */

/** Read all options but the tokens. @return false with @p e filled: 430 */
bool room_options_read(struct room *r, const struct cardea_args *args, struct cardea_error *e);
/** Read the list of tokens. @return false with @p e filled: 430 */
bool room_options_read_tokens(
	struct room *r, const struct cardea_args *args, struct cardea_error *e);
/** Do these options name codecs that there are? @return false with @p e filled: 430 */
bool room_options_name_codecs(const struct cardea_args *args, struct cardea_error *e);
/** Take over what a request `edit` gives. */
void room_options_edit(struct room *r, const struct cardea_args *args);
/** Put changed options in force. */
void room_options_changed(struct room *r);
