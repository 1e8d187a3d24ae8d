/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include "../../core/recorder/file.h"

/** @file
 * A file that a command makes: NAME.new until it is whole, and gone if it never is. Where it takes
 * the place of another, NAME.new.new. */
struct output;
/** A path without "..", which files of recordings refuse: here it is the user's own.
 *  @return freed with g_free(), or NULL: errno tells why */
char *output_resolve(const char *path);
/** @param over take the place of what is there. @return NULL: @p why, a sentence; so too where a
 *  recording of this name is not whole yet */
struct output *output_open(const char *path, bool over, char *why, size_t size);
/** The same for what is made of NAME.part, which goes away when this one is kept. */
struct output *output_open_repaired(const char *path, bool over, char *why, size_t size);
struct rec_file *output_file(struct output *o); /**< borrowed */
/** What is written so far, to be read. */
const char *output_path(const struct output *o);
/** Frees. @param keep false: nothing is left of it. @return false: @p why, and nothing is left */
bool output_end(struct output *o, bool keep, char *why, size_t size);
