/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>
#include "../base/err.h"

/** @file
 * Texts beside recordings: who was there, which file is whose. Blocks. */

/** Put a text in the place of the one that a file has: whoever reads it finds one of the two
 *  whole. Folders are made. A failure is logged.
 *  @param folders as rec_file_new() has them */
enum err rec_index_write(
	const char *const *folders, const char *path, const void *text, size_t len);
