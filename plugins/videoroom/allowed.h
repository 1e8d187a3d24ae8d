/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <cardea/json.h>

/** @file
 * The tokens that let participants into a room: a set of texts, where looking for one takes no time
 * that tells how much of it was right. A leaf. */
struct allowed;

#define ALLOWED_TOKEN_MAX 512    /**< bytes of one */
#define ALLOWED_MAX       4096   /**< of one room */
#define ALLOWED_ALL       262144 /**< of all rooms together */

struct allowed *allowed_new(void);
void allowed_free(struct allowed *t); /**< NULL is fine. */
/** Add an array of strings, those that are there already again. @return false with @p e filled
 *  (430): there would be too many; none was added */
bool allowed_add(struct allowed *t, const json_t *list, struct cardea_error *e);
/** Take away an array of strings; those that are not there are passed over. */
void allowed_remove(struct allowed *t, const json_t *list);
/** @param token NULL: none, which is never there */
bool allowed_has(const struct allowed *t, const char *token);
/** an array, in the order of the alphabet; new reference */
json_t *allowed_json(const struct allowed *t);
