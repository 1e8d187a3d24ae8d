/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>

/** @file
 * The options and the fields of every request as tables, with the longest texts and lists that are
 * taken. A leaf; requests.c says who serves which. */

extern const struct cardea_section options[];

/* requests */
extern const struct cardea_field create_fields[];
extern const struct cardea_field edit_fields[];
extern const struct cardea_field list_fields[];
extern const struct cardea_field room_only_fields[];
extern const struct cardea_field listparticipants_fields[];
extern const struct cardea_field allowed_fields[];
extern const struct cardea_field destroy_fields[];
extern const struct cardea_field kick_fields[];
extern const struct cardea_field moderate_fields[];
extern const struct cardea_field enable_recording_fields[];
extern const struct cardea_field join_fields[];
extern const struct cardea_field joinandconfigure_fields[];
extern const struct cardea_field configure_fields[];
extern const struct cardea_field subscribe_fields[];
extern const struct cardea_field unsubscribe_fields[];
extern const struct cardea_field update_fields[];
extern const struct cardea_field switch_request_fields[];
extern const struct cardea_field no_fields[];

/* rows of their lists */
extern const struct cardea_field stream_fields[]; /**< one entry of a subscription */
extern const struct cardea_field leave_fields[];  /**< one entry of an unsubscription */
extern const struct cardea_field switch_fields[];
extern const struct cardea_field line_fields[]; /**< one entry of configure's streams */
