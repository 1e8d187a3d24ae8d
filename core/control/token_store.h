/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include "../base/err.h"

/** @file
 * The file that keeps stored tokens over a restart: {"version": 1, "tokens": [{"token",
 * "allowed_plugins"}]}. tokens.c fills it and reads it. Control thread. */
struct loop;

/** Read it, and write it from now on. A file that cannot be read, or that breaks its own rules, is
 * named in the log and left as it is: nothing is kept then.
 *  @param take gets each token with its packages (borrowed); an error says that the file is broken
 *  @param snapshot all there is now: an array of objects that are never changed, new reference
 *  @return false: it is broken, and of what was taken nothing counts */
bool token_store_start(struct loop *loop, const char *file,
	enum err (*take)(const char *token, json_t *packages), json_t *(*snapshot)(void));
/** There is something to write. Without a file: nothing. */
void token_store_changed(void);
/** Write what is left; what a thread of the pool is writing now ends before work_stop() has. */
void token_store_stop(void);
