/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include "../../core/recorder/file.h"

/** @file
 * A file that a command makes: it has its name when it is whole, and is gone if it never is. Until
 * then it is NAME.new.part, or where it takes the place of another, NAME.new as well. */
struct output;
/** @param over take the place of what is there. @return NULL: @p why, a sentence */
struct output *output_open(const char *path, bool over, char *why, size_t size);
struct rec_file *output_file(struct output *o); /**< borrowed */
/** What is written so far, to be read. */
const char *output_path(const struct output *o);
/** Frees. @param keep false: nothing is left of it. @return false: @p why, and nothing is left */
bool output_end(struct output *o, bool keep, char *why, size_t size);
