/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "commands.h"
#include "conversions.h"
#include "look.h"
#include "progress.h"

static enum status usage(const char *what)
{
	options_complain("%s; see --help", what);
	return STATUS_USAGE;
}

enum status command_convert(const struct options *o)
{
	unsigned n = o->n_files - 1, n_mjr = 0;
	const char *out = o->files[n];
	enum target to;
	char why[1024];
	if (o->n_files < 2)
		return usage("convert wants files to read and one to write");
	if ((to = target_of(out)) == TARGET_NONE) {
		snprintf(why, sizeof why, "%s ends with none of %s", out, target_endings());
		return usage(why);
	}
	for (unsigned i = 0; i < n; i++) {
		enum format f = look_format(o->files[i]);
		n_mjr += f == FORMAT_MJR;
		if (f != FORMAT_NONE)
			continue;
		snprintf(why, sizeof why, "%s: %s", o->files[i],
			errno ? strerror(errno) : "it is no recording");
		return report_failure(o, STATUS_UNREADABLE, why);
	}
	progress_begin(out, o->quiet || o->json);
	if (n_mjr == n && to != TARGET_MJR)
		return convert_mjr(o, out, to);
	if (n > 1 || n_mjr)
		return usage("only MJR files are put together, and not into another");
	if (to == TARGET_MJR)
		return convert_to_mjr(o, o->files[0], out);
	return convert_media(o, o->files[0], out, to);
}
