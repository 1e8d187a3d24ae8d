/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>

/** @file
 * The table of all requests: name, fields, who serves it, and what it does. */
extern const struct cardea_dialect dialect;
extern const struct cardea_request requests[];
/** @param key borrowed for the life of the plugin; NULL: there is none */
void requests_set_admin_key(const char *key);
