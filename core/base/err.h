/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/json.h>

/** @file
 * What can go wrong inside the server, as a value. OK is 0, so `if ((e = f()))` reads as "failed".
 * Errors that a client sees carry an API code and a reason instead: struct cardea_error. */
enum err {
	OK = 0,
	ERR_FULL,        /**< a table, pool or queue is at its limit */
	ERR_INVALID,     /**< the input breaks its own rules */
	ERR_NOT_FOUND,   /**< no such thing, or no longer */
	ERR_EXISTS,      /**< there is one already */
	ERR_STATE,       /**< not now: the object is in another state */
	ERR_UNSUPPORTED, /**< well formed, but not something we do */
	ERR_DENIED,      /**< not allowed, or authentication failed */
	ERR_IO,          /**< the system refused; errno tells why */
	ERR_AGAIN,       /**< nothing to do at the moment */
};

/** @return a short constant phrase for logs, never NULL. */
const char *err_word(enum err e);
