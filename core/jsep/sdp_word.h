/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <cardea/media.h>
#include "../base/err.h"

/** @file
 * The words that lines of an SDP are made of: for all files that read one, below sdp_parse.c. */
#define SDP_WHY 160 /**< bytes of a reason */

/** Cut the next word off @p text: NULL when there is none. */
char *sdp_word(char **text);
/** Copy a word of printable ASCII without blanks. @return false, with @p out empty, when it is not,
 * or does not fit. */
bool sdp_token(char *out, size_t size, const char *word);
/** Word a reason that quotes a line; only printable ASCII is let through. Returns ERR_INVALID. */
enum err sdp_bad(char *why, const char *what, const char *line);
/** Direction of the peer's attribute, as the server's. @return false when @p name is no direction.
 */
bool sdp_dir(const char *name, enum cardea_dir *dir);
