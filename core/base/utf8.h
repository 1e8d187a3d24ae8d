/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>

/** @file
 * Texts that were cut to fit, or that somebody else wrote: are they UTF-8 (RFC 3629)? Any
 * thread. */

/** Bytes of the character that @p s, ended by NUL, begins with. 0: it begins with none. */
size_t utf8_char(const char *s);
/** Make a text UTF-8 where it stands. What a cut has left of a character goes; any other byte that
 *  belongs to none becomes '?'. */
void utf8_mend(char *s);
/** Copy what may stand in a line, NUL-terminated, and cut it between characters to fit @p size.
 *  Ends of lines and tabs become blanks; what steers a terminal or turns the direction of writing,
 *  and what is no UTF-8, is escaped: "\x1b".
 *  @return bytes */
size_t utf8_printable(char *out, size_t size, const char *s);
