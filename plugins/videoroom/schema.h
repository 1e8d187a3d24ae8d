/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "room.h"

extern struct cardea_dialect dialect;
extern const struct cardea_request requests[];
extern const struct cardea_code errors[];
extern const struct cardea_section options[];
extern const struct cardea_field stream_fields[]; /**< one entry of a subscription */
extern const struct cardea_field leave_fields[];  /**< one entry of an unsubscription */
extern const struct cardea_field switch_fields[];
extern const struct cardea_field line_fields[]; /**< one entry of configure's streams */
extern const struct cardea_field update_fields[];
