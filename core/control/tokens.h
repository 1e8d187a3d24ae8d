/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include "../base/err.h"

/** @file
 * Stored tokens: a set of texts that authorise requests, each with the plugins it may attach to.
 * The Admin API changes them; auth.c asks. A token is found by a keyed digest of it, so that
 * neither the place it is kept in nor the time that a look-up takes tells of others. They are lost
 * at a restart unless token_store.h keeps them. Control thread. */
struct loop;

#define TOKEN_MAX 256 /**< bytes of a token, and at least one */

/** @param max tokens at a time @param file that keeps them; NULL: none. What it has is read now. */
void tokens_start(struct loop *loop, unsigned max, const char *file);
void tokens_stop(void); /**< Not started: fine. */

/** Make it known, without plugins. ERR_EXISTS: it is known already; ERR_FULL; ERR_INVALID: its
 * length */
enum err tokens_add(const char *token);
enum err tokens_remove(const char *token); /**< ERR_NOT_FOUND */
/** Let it use a plugin (its short name), or no longer; both may be so already. ERR_NOT_FOUND: no
 * such token */
enum err tokens_allow(const char *token, const char *plugin);
enum err tokens_disallow(const char *token, const char *plugin);

/** Is it known? NULL is not. */
bool tokens_has(const char *token);
/** Is it known, and may it use this plugin (its short name)? */
bool tokens_may_use(const char *token, const char *plugin);
/** Packages that it may use, in the order in which they were allowed. @return borrowed until the
 * next change, NULL: no such token */
const json_t *tokens_plugins(const char *token);
/** [{"token", "allowed_plugins"}] of those that may use any, oldest first; new reference. Its
 * entries are never changed, but replaced. */
json_t *tokens_list(void);
