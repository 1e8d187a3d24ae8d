/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include "commands.h"
#include "look.h"
#include "look_text.h"
#include "progress.h"
#include "stop.h"

/* @p done so far, and now this. */
static enum status worst(enum status done, enum verdict v)
{
	enum status now = v == UNREADABLE ? STATUS_UNREADABLE
			  : v == DAMAGED  ? STATUS_PART
					  : STATUS_GOOD;
	return MAX(done, now);
}

static enum status look_at_all(
	const struct options *o, bool deep, void (*print)(const struct look *l))
{
	json_t *all = o->json ? json_array() : NULL;
	enum status s = STATUS_GOOD;
	if (!o->n_files) {
		options_complain("%s wants files; see --help", o->command);
		return STATUS_USAGE;
	}
	for (unsigned i = 0; i < o->n_files; i++) {
		struct look l;
		progress_begin(o->files[i], o->quiet);
		if (!look_into(&l, o->files[i], deep) || stop_wanted()) {
			json_decref(all);
			return STATUS_STOPPED;
		}
		progress_end();
		if (l.format == FORMAT_NONE)
			look_at_text(&l);
		if (all)
			json_array_append_new(all, look_json(&l));
		else if (!o->quiet || l.verdict != PLAYABLE)
			print(&l);
		s = worst(s, l.verdict);
	}
	if (all)
		report_json(all);
	return s;
}

enum status command_info(const struct options *o)
{
	enum status s = look_at_all(o, false, look_print);
	return s == STATUS_PART ? STATUS_GOOD : s;
}

enum status command_check(const struct options *o)
{
	return look_at_all(o, true, look_print_verdict);
}
