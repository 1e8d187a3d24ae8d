/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <glib.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>
#include "../base/folder.h"
#include "../base/protected.h"
#include "../recorder/space.h"
#include "options.h"
#include "record_look.h"
#include "record_path.h"

#define MB 1000000

#define SAY(is_error, option, ...) \
	cardea_conf_wrong(file, is_error, "recordings", option, __VA_ARGS__)

static void look_at_folder(const struct settings *s, const struct cardea_conf *file)
{
	const char *folder = s->record.folder;
	g_auto(GStrv) kept = options_protected_folders();
	if (!folder)
		return;
	if (!protected_allows((const char *const *)kept, folder))
		SAY(true, "folder", "%.200s is, or lies in, one of general.protected_folders",
			folder);
	else if (!folder_can_write(folder))
		SAY(true, "folder", "%.200s cannot be written: %s", folder, strerror(errno));
}

/* Files that are whole would wait for it in vain. */
static void look_at_hook(const struct settings *s, const struct cardea_conf *file)
{
	const char *hook = s->record.hook;
	if (!hook)
		return;
	if (!g_file_test(hook, G_FILE_TEST_EXISTS))
		SAY(true, "hook", "there is no program %.200s%s", hook,
			strchr(hook, ' ') ? ": it is one path, without arguments" : "");
	else if (!g_file_test(hook, G_FILE_TEST_IS_REGULAR))
		SAY(true, "hook", "%.200s is no program", hook);
	else if (access(hook, X_OK))
		SAY(true, "hook", "%.200s cannot be run: %s", hook, strerror(errno));
}

static void look_at_limits(const struct settings *s, const struct cardea_conf *file)
{
	const struct record_settings *r = &s->record;
	char folder[REC_PATH];
	uint64_t left = record_folder(folder) ? space_free(folder) : UINT64_MAX;
	if (r->keep_bytes && r->max_bytes > r->keep_bytes)
		SAY(false, "max_size",
			"a recording of that size is removed when it ends: a folder keeps "
			"%" PRIu64 " MB (retention_size)",
			r->keep_bytes / MB);
	if (r->keep_s && r->max_s > r->keep_s)
		SAY(false, "max_duration",
			"it is longer than recordings are kept (retention_days)");
	if (r->min_free && left < r->min_free)
		SAY(false, "min_free_space",
			"the disk has %" PRIu64 " MB left: a recording ends as soon as it begins",
			left / MB);
}

void record_look(const struct settings *s, const struct cardea_conf *file)
{
	look_at_folder(s, file);
	look_at_hook(s, file);
	look_at_limits(s, file);
}
