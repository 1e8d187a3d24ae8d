/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>
#include <stdint.h>

/** @file
 * Logging for plugins and transports: area, id, a short constant phrase, and key=value pairs in
 * printf form. Secrets are never logged. Of one area and phrase there are 200 lines at once and 20
 * a second, below CARDEA_LOG_DEBUG; the next line says how many were left out. Any thread. */
#define CARDEA_API __attribute__((visibility("default")))

/** How much a line matters. */
enum cardea_log_level {
	CARDEA_LOG_FATAL = 1,
	CARDEA_LOG_ERROR = 2, /**< wakes someone up */
	CARDEA_LOG_WARN = 3,  /**< worth reading tomorrow */
	CARDEA_LOG_INFO = 4,  /**< the life of a call in about ten lines */
	CARDEA_LOG_DEBUG = 7, /**< free to be long */
};
/** The level that is on: lines above it are not written. Read it by CARDEA_LOG_IF(). */
extern CARDEA_API int cardea_log_level;

#pragma GCC diagnostic ignored "-Wformat-zero-length" /* a line may have no pairs */

/** cardea_log(CARDEA_LOG_INFO, "videoroom", room, "room created", "publishers=%u", n)
 *  @param id 0: none
 *  @param fmt "" or the pairs */
CARDEA_API void cardea_log(enum cardea_log_level level, const char *area, uint64_t id,
	const char *phrase, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/** Somebody else's text, as the value of a pair: in quotes, with a backslash before quotes and
 *  backslashes that are in it, so that it cannot look like other pairs; cut between characters to
 *  fit @p size. Any thread. @return @p to */
CARDEA_API char *cardea_log_quote(char *to, size_t size, const char *text);
#define CARDEA_LOG_QUOTED_MAX 1024
/** The same, as an argument: cardea_log(…, "opened", "file=%s", CARDEA_LOG_QUOTED(path)) */
#define CARDEA_LOG_QUOTED(text) \
	cardea_log_quote((char[CARDEA_LOG_QUOTED_MAX]){ 0 }, CARDEA_LOG_QUOTED_MAX, text)

/** The arguments are not evaluated unless the level is on. */
#define CARDEA_LOG_IF(level, ...) \
	do { \
		if (__atomic_load_n(&cardea_log_level, __ATOMIC_RELAXED) >= (level)) \
			cardea_log(level, __VA_ARGS__); \
	} while (0)
