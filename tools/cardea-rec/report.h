/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/json.h>
#include <stdint.h>
#include "options.h"

/** @file
 * How a command ends, and what it says then. */
enum status {
	STATUS_GOOD = 0,
	STATUS_PART = 1,       /**< damaged, or done in part */
	STATUS_USAGE = 2,      /**< the command line is wrong */
	STATUS_UNREADABLE = 3, /**< nothing can be read */
	STATUS_UNWRITTEN = 4,  /**< what was to be made cannot be written */
	STATUS_STOPPED = 130,  /**< by a signal */
};

/** Say what went wrong: in words, or as {"error": …}. @return @p s; STATUS_STOPPED if a signal was
 *  the reason, of which nothing is said */
enum status report_failure(const struct options *o, enum status s, const char *why);
/** Say what was made. @param note what it lacks; NULL: nothing. @return STATUS_PART with a note */
enum status report_made(const struct options *o, const char *path, const char *note);
/** The same of messages alone. @param path of their lines */
enum status report_messages(
	const struct options *o, const char *path, uint64_t n, const char *note);
void report_json(json_t *o); /**< Takes the reference. */
