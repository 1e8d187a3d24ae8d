/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include "../base/folder.h"
#include "../base/protected.h"
#include "../recorder/space.h"
#include "options.h"
#include "record_path.h"

#define PART_MAX 200 /* bytes of a name: endings come behind it */
#define ROOM     64  /* for them */
#define SHOWN    100 /* bytes of a name in an error */

static bool trim(char folder[REC_PATH], int n, struct cardea_error *e)
{
	if (n >= REC_PATH - ROOM)
		return cardea_fail(e, 0, "The folder's path is too long");
	while (n > 1 && folder[n - 1] == '/')
		folder[--n] = 0;
	return true;
}

static bool find_folder_of_all(char folder[REC_PATH], struct cardea_error *e)
{
	int n = -1;
	if (settings.record.folder)
		n = snprintf(folder, REC_PATH, "%s", settings.record.folder);
	else if (settings.state_dir)
		n = snprintf(folder, REC_PATH, "%s/recordings", settings.state_dir);
	if (n < 0)
		return cardea_fail(e, 0, "There is no folder for recordings");
	return trim(folder, n, e);
}

static bool is_part(const char *part, size_t len)
{
	if (!len || len > PART_MAX || part[0] == '.')
		return false;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)part[i] < ' ' || part[i] == 0x7f)
			return false;
	return true;
}

/* Nothing that is not looked for after a crash, and by retention: too deep, or hidden. */
static bool is_path(const char *name)
{
	for (unsigned depth = 1; depth <= SPACE_DEPTH; depth++) {
		size_t len = strcspn(name, "/");
		if (!is_part(name, len))
			return false;
		if (!name[len])
			return true;
		name += len + 1;
	}
	return false;
}

/* What of the name is within the folder; NULL: it leads elsewhere. */
static const char *within(const char *name, const char *folder)
{
	size_t n = strlen(folder);
	if (*name != '/')
		return name;
	return !strncmp(name, folder, n) && name[n] == '/' ? name + n + 1 : NULL;
}

bool record_folder(char folder[REC_PATH])
{
	struct cardea_error e;
	return find_folder_of_all(folder, &e);
}

static bool find_folder(const char *dir, char folder[REC_PATH], struct cardea_error *e)
{
	char all[REC_PATH];
	const char *inner;
	if (!dir || !*dir)
		return find_folder_of_all(folder, e);
	if (!trim(folder, snprintf(folder, REC_PATH, "%s", dir), e))
		return false;
	inner = record_folder(all) ? within(folder, all) : NULL;
	if (!inner || inner == folder || is_path(inner))
		return true;
	return cardea_fail(
		e, 0, "'%.*s' is no folder for recordings: it is hidden or too deep", SHOWN, inner);
}

bool record_path(const char *dir, const char *name, char out[REC_PATH], char folder[REC_PATH],
	struct cardea_error *e)
{
	const char *inner;
	if (!find_folder(dir, folder, e))
		return false;
	inner = within(name, folder);
	if (!inner || !is_path(inner))
		return cardea_fail(e, 0,
			"'%.*s' is no name for a recording: it has to stay in its folder", SHOWN,
			name);
	if (snprintf(out, REC_PATH, "%s/%s", folder, inner) >= REC_PATH - ROOM)
		return cardea_fail(e, 0, "'%.*s' is too long a name", SHOWN, name);
	return true;
}

bool record_path_is_writable(const char *path, const char *name, struct cardea_error *e)
{
	g_autofree char *folder = g_path_get_dirname(path);
	g_auto(GStrv) folders = options_protected_folders();
	if (!protected_allows((const char *const *)folders, path))
		return cardea_fail(e, 0, "'%.*s' leads into a protected folder", SHOWN, name);
	if (folder_can_write(folder))
		return true;
	return cardea_fail(e, 0, "'%.*s' cannot be written: %s", SHOWN, name, g_strerror(errno));
}
