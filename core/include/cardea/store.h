/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <cardea/json.h>

/** @file
 * Small data that outlives the server: JSON values by key, each plugin its own, in
 * state_dir/store/NAME.json. Memory is what is read and set; the file follows soon after, written
 * as a whole, so that a crash leaves it as it was or as it is. Where no state_dir is configured,
 * and in --check, it lasts as long as the process. Control thread, from hooks. */
#define CARDEA_STORE_KEY   256        /**< bytes of a key at most */
#define CARDEA_STORE_VALUE (64 << 10) /**< bytes of a value at most, when printed */
#define CARDEA_STORE_KEYS  10000      /**< at most */
#define CARDEA_STORE_BYTES (16 << 20) /**< of all keys and values of a plugin, when printed */

/** @return borrowed, valid until the key is set again; NULL: there is none */
CARDEA_API const json_t *cardea_store_get(const char *key);
/** Set or, with NULL, remove.
 *  @param value taken, also on failure
 *  @return false with @p e filled (code 0): a bad key, too large, or too many */
CARDEA_API bool cardea_store_set(const char *key, json_t *value, struct cardea_error *e);
/** All there is, an object. @return borrowed, valid until anything is set */
CARDEA_API const json_t *cardea_store_all(void);
/** Call @p fn(arg, true) as a hook when all that was set until now is safe on the disk, or with
 *  false when it could not be written (it is tried again) or is not kept at all: for what somebody
 *  is to be told of only then. Not called after the plugin's `stop`. */
CARDEA_API void cardea_store_saved(void (*fn)(void *arg, bool is_saved), void *arg);
