/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>

/** @file
 * Percent-encoding (RFC 3986, 2.1) taken back: of paths by head.c, of queries for mounts. */

/** One decoded character of *s, which ends at @p end. @param is_form "+" is a blank */
char query_char(const char **s, const char *end, bool is_form);
