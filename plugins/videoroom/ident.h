/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <cardea/plugin.h>

/** @file
 * An id of a room or participant: a number or a text, as the configuration has it. A leaf under
 * rooms, publishers and subscribers. */

extern bool string_ids; /**< of the configuration: ids are texts */

struct ident {
	json_t *json;
	char *text; /**< the key of hash tables, for either kind */
};
bool ident_set(struct ident *id, const json_t *value); /**< takes a reference of its own */
bool ident_is_any(const json_t *value);                /**< NULL, 0 and "" mean: choose one */
/** As the value of a pair in the log. */
#define IDENT_LOGGED(id) (string_ids ? CARDEA_LOG_QUOTED((id).text) : (id).text)
/** @param taken a table of texts: none of these */
void ident_random(struct ident *id, GHashTable *taken);
void ident_clear(struct ident *id);
