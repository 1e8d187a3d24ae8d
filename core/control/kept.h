/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/** @file
 * A file that keeps something over a restart: JSON, written as a whole by a thread of the pool soon
 * after a change; several changes may go together. Whatever happens, what is on the disk is whole:
 * as it was, or as it is now. Stored tokens and the store of plugins are on it. Control thread. */
struct loop;
struct kept;

#define KEPT_WHY 200 /**< bytes of a sentence on what is wrong */

/** Read what was kept. @param max bytes
 *  @param why KEPT_WHY bytes: what is wrong, and "" where there is no file
 *  @return new reference; NULL: see @p why */
json_t *kept_read(const char *file, size_t max, char *why);

struct kept_conf {
	struct loop *loop;
	const char *file; /**< borrowed for the call */
	const char *area; /**< for the log; static text */
	/** all there is now: a tree that nobody changes any more, new reference */
	json_t *(*snapshot)(void *arg);
	void *arg;
};
/** @return owned by the caller */
struct kept *kept_create(const struct kept_conf *conf);
/** There is something to write. */
void kept_changed(struct kept *k);
/** Call @p fn(arg, true) when all that has changed until now is on the disk: at once, or later;
 *  with false, when it could not be written, and is tried again. */
void kept_when_saved(struct kept *k, void (*fn)(void *arg, bool is_saved), void *arg);
/** Write what is left and free it; what a thread of the pool is writing now ends before
 *  work_stop() has. Who waits is told. NULL is fine. */
void kept_free(struct kept *k);
