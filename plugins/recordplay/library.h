/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "entry.h"

/** @file
 * The recordings that the folder has: what their .nfo files say, read at the start and when a
 * client asks for it. Only finished ones are here. */

/** @param folder NULL: there is none. Borrowed for the life of the plugin; made with the first
 *  recording
 *  @return NULL, or why it cannot be used */
const char *library_start(const char *folder);
void library_stop(void);
const char *library_folder(void);
/** A reason as a client may have it: where the folder is concerns nobody. New reference. */
json_t *library_reason(const char *reason);

/** Read what is new or has changed, and forget what is gone. Files that are no recordings are named
 *  in the log once. It blocks for as long as the folder takes to be listed, and 50 µs for each new
 *  recording. */
void library_update(void);
/** The same, for whoever asks: a folder that takes long is read soon rather than now when it was
 *  read just before. */
void library_refresh(void);
const struct entry *library_find(uint64_t id); /**< NULL: none; borrowed until it changes */
/** The JSON of all that may be seen, oldest first: the inside of a list, without brackets.
 *  @param all private ones, too  @return by malloc() */
char *library_text(bool all);

/** A number that no recording has. */
uint64_t library_new_id(void);
/** It has a file: write its .nfo file, so that it is found after a crash, but do not show it. */
void library_begin(const struct entry *e);
/** It is over: write its .nfo file, and show it. */
void library_add(const struct entry *e);
/** Forget a recording, and remove its files. @return false: there is none */
bool library_remove(uint64_t id);
