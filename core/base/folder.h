/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>

/** @file
 * Folders that are to be written to: looked at before the start, so that --check and the log name
 * what will not work. */

/** Can files be made in the folder, after it has been made where it is not there yet? Nothing is
 *  made here: who asks may be another than who will write. Any thread.
 *  @return false: errno says why not */
bool folder_can_write(const char *path);
