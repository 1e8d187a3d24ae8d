/* SPDX-License-Identifier: Apache-2.0 */

/** @file
 * cardea-rec: what can be done with recordings, at the command line. Reads the options and hands
 * over to the command's file. */

#include <string.h>
#include "commands.h"
#include "progress.h"
#include "stop.h"

static const struct {
	const char *name;
	enum status (*run)(const struct options *o);
} commands[] = {
	{ "check", command_check },
	{ "compose", command_compose },
	{ "convert", command_convert },
	{ "info", command_info },
	{ "repair", command_repair },
};

int main(int argc, char **argv)
{
	struct options o;
	enum options_result r = options_read(&o, argc, argv);
	if (r != OPTIONS_GOOD)
		return r == OPTIONS_DONE ? STATUS_GOOD : STATUS_USAGE;
	stop_watch();
	for (unsigned i = 0; i < sizeof commands / sizeof *commands; i++)
		if (strcmp(o.command, commands[i].name) == 0) {
			enum status s = commands[i].run(&o);
			progress_end();
			return s;
		}
	options_complain("there is no command '%s'; see --help", o.command);
	return STATUS_USAGE;
}
