/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <cardea/json.h>

/** @file
 * JSON text in and out: jansson with our bounds, for all that clients send and get. Any thread. */
enum json_style { JSON_STYLE_COMPACT, JSON_STYLE_PLAIN, JSON_STYLE_INDENTED };
#define JSON_MAX_NESTING 64
/* of one text: what a megabyte of "[]," costs is the time to free half a million values */
#define JSON_MAX_VALUES 65536

/** Parse one value from @p *text and move @p *text and @p *len behind it and the white space that
 *  follows, so that "{…} {…}" is read in two calls. Duplicate keys: the last wins.
 *  @param why at least 160 bytes: gets the parser's words on failure, with the line
 *  @return new reference, or NULL: unparsable, empty, nested deeper than JSON_MAX_NESTING, or of
 *  more than
 *          JSON_MAX_VALUES values. */
json_t *json_read(const char **text, size_t *len, char *why);
/** @return text owned by the caller (free()), NUL-terminated; @p len may be NULL. */
char *json_write(const json_t *tree, enum json_style style, size_t *len);
