/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include "../base/err.h"

/** @file
 * The certificate for HTTPS of a server that was given none: ECDSA P-256, ten years, for localhost,
 * the host's name and its addresses. */

/** Where it is kept: @p dir/web-cert.pem and @p dir/web-key.pem.
 *  @param cert,key 512 bytes each  @param why 256 bytes: filled where the name is too long */
bool selfsigned_paths(const char *dir, char *cert, char *key, char *why);
/** Is it there, or can it be made? @p dir NULL: no */
bool selfsigned_is_possible(const char *dir);
/** Make it unless both files are there, go together, last for a month and name all that it should:
 *  a name or address of the machine that it lacks makes a new one, one that has gone does not.
 *  Blocks for some milliseconds; any thread, one at a time.
 *  @param why 256 bytes */
enum err selfsigned_ensure(const char *dir, char *why);
