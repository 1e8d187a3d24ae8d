/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <cardea/json.h>

/** @file
 * The tokens that let participants into a room: a set of texts, where looking for one takes no time that tells how much of
 * it was right. */
struct tokens;

#define TOKEN_MAX  512   /**< bytes of one */
#define TOKENS_MAX 4096  /**< of one room */
#define TOKENS_ALL 262144 /**< of all rooms together */

struct tokens *tokens_new(void);
void tokens_free(struct tokens *t); /**< NULL is fine. */
/** Add an array of strings, those that are there already again. @return false with @p e filled (430): there would be too
 *  many; none was added */
bool tokens_add(struct tokens *t, const json_t *list, struct cardea_error *e);
/** Take away an array of strings; those that are not there are passed over. */
void tokens_remove(struct tokens *t, const json_t *list);
/** @param token NULL: none, which is never there */
bool tokens_have(const struct tokens *t, const char *token);
json_t *tokens_json(const struct tokens *t); /**< an array, in the order of the alphabet; new reference */
