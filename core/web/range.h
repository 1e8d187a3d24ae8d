/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/** @file
 * The part of something that a request asks for (RFC 9110, 14). Pure. */
enum range { RANGE_WHOLE, RANGE_PART, RANGE_NONE };

/** @param field of the header Range, or ""; several parts, and what cannot be read, is the whole
 *  @param size bytes that there are
 *  @param at, len set where there is a PART. NONE: it is beyond the end (416) */
enum range range_read(const char *field, int64_t size, int64_t *at, int64_t *len);
