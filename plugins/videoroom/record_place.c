/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>
#include "errors.h"
#include "record_place.h"

#define PART_MAX 60 /* bytes of an id in a name: two of them fit, and endings behind */

static char *resolve(const char *dir)
{
	const char *all = cardea_recordings_folder();
	if (!dir || !*dir)
		return g_strdup(all);
	if (*dir == '/')
		return g_strdup(dir);
	return all ? g_build_filename(all, dir, NULL) : NULL;
}

static bool goes_up(const char *dir)
{
	g_auto(GStrv) parts = g_strsplit(dir, "/", -1);
	return g_strv_contains((const char *const *)parts, "..");
}

static bool is_within(const char *dir)
{
	const char *all = cardea_recordings_folder();
	size_t n = all ? strlen(all) : 0;
	return *dir != '/' || (all && !strncmp(dir, all, n) && (!dir[n] || dir[n] == '/'));
}

bool record_place_ok(const char *dir, bool trusted, struct cardea_error *e)
{
	if (!dir || !*dir)
		return true;
	if (goes_up(dir) || (!trusted && !is_within(dir)))
		return cardea_fail(e, E_INVALID,
			"Invalid element (rec_dir has to be within the folder of recordings)");
	g_autofree char *folder = resolve(dir);
	g_autofree char *name =
		g_strdup_printf("videoroom-%" PRId64, g_get_real_time()); /* as any would be */
	const struct cardea_record what = { .size = sizeof what,
		.dir = folder,
		.name = name,
		.audio = 0,
		.video = -1,
		.data = -1 };
	if (cardea_record_check(&what, e))
		return true;
	e->code = E_UNKNOWN;
	return false;
}

char *record_place(const struct room *r)
{
	return resolve(r->rec_dir);
}

char *record_name_part(const char *id)
{
	char *part = g_strdup(id);
	size_t n = 0;
	for (; part[n] && n < PART_MAX; n++)
		if (part[n] == '/' || (unsigned char)part[n] < ' ' || part[n] == 0x7f)
			part[n] = '_';
	/* Not in the middle of a character. */
	while (part[n] && n && ((unsigned char)part[n] & 0xc0) == 0x80)
		n--;
	part[n] = 0;
	return part;
}

char *record_name(const struct publisher *p)
{
	g_autofree char *room = record_name_part(p->room->id.text);
	g_autofree char *who = record_name_part(p->id.text);
	return g_strdup_printf("videoroom-%s-user-%s-%" PRId64, room, who, g_get_real_time());
}
