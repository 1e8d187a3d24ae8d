/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>

/** @file
 * How long one request or message holds the control thread, while all others wait. Control thread.
 */

void held_start(void);
/** It has been served. @param what its name, for the log;  @param client whose it is */
void held_since(int64_t began_us, uint64_t client, const char *what);
