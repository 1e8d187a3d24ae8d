/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>
#include <stdint.h>

/** @file
 * Random bytes from the kernel, for keys, ids and passwords alike. Everybody who needs some comes
 * here. */

/** Cryptographically strong random bytes. Any thread; cannot fail. */
void rand_bytes(void *out, size_t len);
uint32_t rand_u32(void);
/** @return 1 … 2^53-1: fits a JavaScript number. */
uint64_t rand_id53(void);
/** Fill @p out with @p len characters of A-Z a-z 0-9 + / (the ice-char set of RFC 8839) and a NUL
 *  after them. */
void rand_ice_chars(char *out, size_t len);
