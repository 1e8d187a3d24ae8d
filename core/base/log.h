/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cardea/log.h>

/** @file
 * The log: one line per event, written by a thread of its own from a bounded ring, so that a slow
 * disk or terminal never stops a call. A full ring drops lines and says how many. Any thread may
 * log. */

#define log_error(...) cardea_log(CARDEA_LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  cardea_log(CARDEA_LOG_WARN, __VA_ARGS__)
#define log_info(...)  cardea_log(CARDEA_LOG_INFO, __VA_ARGS__)
#define log_debug(...) CARDEA_LOG_IF(CARDEA_LOG_DEBUG, __VA_ARGS__)

/** log_info("x", 0, "opened", "file=%s", LOG_QUOTED(path)) */
#define LOG_QUOTED(text) CARDEA_LOG_QUOTED(text)

struct log_conf {
	int level; /**< 0 (nothing) to 7; the API's levels */
	bool to_stdout, colors, timestamps;
	const char *file, *prefix; /**< NULL: none */
};

/** Start the writer thread. Lines logged before go straight to stderr. */
void log_start(const struct log_conf *conf);
/** Wait until what has been logged before is written, at most so long. Any thread but the
 *  writer. */
void log_flush(int64_t limit_us);
/** Write what is left and stop the thread. */
void log_stop(void);
/** Open the file by its name again, for it has been moved away; the lines so far are in the old
 *  one. The thread of log_start(). */
void log_reopen(void);
void log_set_level(int level);
int log_level(void);
/** Times before the lines, colours in those for stdout (asked for here also where that is no
 *  terminal). Any thread. */
void log_set_timestamps(bool on);
void log_set_colors(bool on);
bool log_timestamps(void);
bool log_colors(void);
