/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>

/** @file
 * The command line: a command, options of all commands, files. */
struct options {
	const char *command;
	bool json, quiet, force;
	const char *title; /**< NULL: none */
	/* compose; NULL: not given */
	const char *out, *layout, *size, *rate, *from, *to;
	const char *const *files; /**< of the command line */
	unsigned n_files;
};

enum options_result { OPTIONS_GOOD, OPTIONS_DONE, OPTIONS_WRONG };
/** Help and version are printed, and so are complaints. @p argv is put in another order: files
 *  last. */
enum options_result options_read(struct options *o, int argc, char **argv);
/** Say on the error output what is wrong with it. */
void options_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
