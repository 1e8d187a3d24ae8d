/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>
#include "err.h"

/** @file
 * Small files as a whole: secrets, certificates, token stores, read and replaced. Any thread; they
 * block. */

/** Put @p data in the place of what the file has, so that whatever happens there is the old file or
 * the new one, on the disk: it is written beside it (".new"), synced, and renamed. Only its owner
 * may read it.
 *  @return ERR_IO: errno tells why, and the old file stands */
enum err file_replace(const char *path, const void *data, size_t len);
/** Read all of a file. @param out NUL-terminated behind @p len, owned by the caller (free())
 *  @return ERR_NOT_FOUND: there is none; ERR_FULL: it has more than @p max bytes; ERR_INVALID: it
 * is no file; ERR_IO: errno tells why */
enum err file_read(const char *path, size_t max, char **out, size_t *len);
