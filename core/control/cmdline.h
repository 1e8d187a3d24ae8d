/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** @file
 * The command line: a folder, a check, and settings that override the files. main.c reads it first
 * of all. */
enum cmdline_action { CMDLINE_RUN, CMDLINE_CHECK, CMDLINE_DESCRIBE, CMDLINE_DONE, CMDLINE_WRONG };

struct cmdline {
	const char *config;      /**< NULL: the default folder */
	const char *const *sets; /**< "FILE:SECTION.KEY=VALUE" each */
	unsigned n_sets;
};

/** Read the arguments; help, version and complaints are printed. @p out is freed with
 * cmdline_free(). */
enum cmdline_action cmdline_read(struct cmdline *out, int argc, char **argv);
void cmdline_free(struct cmdline *c);
