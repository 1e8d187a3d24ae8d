/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>

/** @file
 * The command that is run for each recorded file: to upload it, say. Its argument is the path; its
 * environment is the server's, and CARDEA_FILE, CARDEA_BEGAN (Unix seconds), CARDEA_DURATION
 * (seconds), CARDEA_BYTES. It is run on the pool, without a shell, two at a time; that it cannot
 * be, or fails, is logged. Control thread. */
struct record_hook_file {
	const char *path;
	int64_t began_us, duration_us;
	uint64_t bytes;
};
/** @param command NULL: nothing */
void record_hook(const char *command, const struct record_hook_file *f);
/** From now on they are begun, but not waited for: the server ends. */
void record_hook_stop(void);
void record_hook_start(void);
