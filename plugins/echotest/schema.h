/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>

/** @file
 * The options, and the fields of the one request with the check of a whole body. echotest.c acts on
 * what has passed. */

#define ECHO_NOT_RECORDED 415

/** The one request of the plugin; it has no name. */
extern const struct cardea_field echo_fields[];
extern const struct cardea_request echo_requests[];
extern const struct cardea_code echo_errors[];
extern const struct cardea_section echo_options[];

/** Check a body: types, bounds, and that it says anything at all (an offer does). */
bool echo_check(const json_t *body, bool has_offer, struct cardea_error *e);
