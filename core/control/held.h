/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>

/** @file
 * How long one request or message holds the control thread, while all others wait: its processor
 * time is counted, for by the clock a busy machine would seem to be a slow request. What blocks is
 * seen by the watchdog. Control thread. */

void held_start(void);
/** One is about to be served. @return for held_end() */
int64_t held_begin(void);
/** It has been served. @param what its name, for the log;  @param client whose it is */
void held_end(int64_t began_us, uint64_t client, const char *what);
