/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/** @file
 * How long one request or message holds the control thread, while all others wait:
 * transport_inbox.c and direct.c ask for each that they serve. Its processor time is counted, for
 * by the clock a busy machine would seem to be a slow request. What blocks is seen by the
 * watchdog. Control thread. */

void slow_request_start(void);
/** Those of one queue, served right after each other in a turn: where one ends the next begins. */
struct served_row {
	int64_t turn_us, at_us, took_us;
};

/** One is about to be served. @param turn_us loop_now() */
void slow_request_begin(struct served_row *row, int64_t turn_us);
/** It has been served. @return it took too long: slow_request_log() */
bool slow_request_end(struct served_row *row);
/** Count and log it. @param what its name;  @param client whose it is */
void slow_request_log(const struct served_row *row, uint64_t client, const char *what);
