/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <cardea/json.h>
#include "../base/clock.h"
#include "../base/loop.h"
#include "../recorder/space.h"
#include "options.h"
#include "record_path.h"
#include "record_post.h"
#include "recording_folders.h"

#define HOUR_US     (3600 * US_PER_S) /* between two looks at what is too old */
#define FOLDERS_MAX 1000

static struct loop *loop;
static GHashTable *folders; /* their paths; NULL: nothing is recorded (--check) */
static struct wheel_timer hourly;

static void order(enum finish_type type, const char *folder)
{
	struct finish_order o = { .type = type };
	g_strlcpy(o.path, folder, sizeof o.path);
	record_post_finisher(&o);
}

static bool has_retention(void)
{
	return settings.record.keep_s || settings.record.keep_bytes;
}

/* Rooms may be gone after a crash: where they recorded is remembered. */
static char *memory_path(void)
{
	return settings.state_dir ? g_strdup_printf("%s/recording-folders.json", settings.state_dir)
				  : NULL;
}

static void remember_folders(void)
{
	struct rec_cmd c = { .type = REC_CMD_INDEX };
	g_autofree char *path = memory_path();
	json_t *all = json_array();
	GHashTableIter it;
	gpointer folder;
	g_hash_table_iter_init(&it, folders);
	while (g_hash_table_iter_next(&it, &folder, NULL))
		json_array_append_new(all, cardea_json_text(folder));
	char *text = json_dumps(all, JSON_INDENT(1));
	if (path && text && g_strlcpy(c.index.path, path, sizeof c.index.path) < REC_PATH) {
		c.len = (uint32_t)strlen(text);
		record_post(&c, text);
	}
	free(text);
	json_decref(all);
}

/* What is looked through with another needs no place of its own: a client may name many of them.
 * @param root which is to be added; not the folder itself where a link leads there from another
 * @return false: there is one */
static bool find_root(const char *folder, char root[REC_PATH])
{
	char at[REC_PATH];
	bool is_link = false;
	g_strlcpy(at, folder, sizeof at);
	g_strlcpy(root, folder, REC_PATH);
	for (unsigned depth = 0; depth <= SPACE_DEPTH; depth++) {
		char *slash = strrchr(at, '/');
		if (g_hash_table_contains(folders, at))
			return is_link;
		if (!is_link && g_file_test(at, G_FILE_TEST_IS_SYMLINK)) {
			is_link = true;
			g_strlcpy(root, at, REC_PATH);
		}
		if (!slash || slash[1] == '.')
			break;
		*slash = 0;
	}
	g_strlcpy(root, folder, REC_PATH);
	return true;
}

static bool add_folder(const char *below)
{
	char folder[REC_PATH];
	if (!folders || strlen(below) >= REC_PATH || !find_root(below, folder) ||
		g_hash_table_size(folders) == FOLDERS_MAX)
		return false;
	g_hash_table_add(folders, g_strdup(folder));
	order(FINISH_FOLDER, folder);
	if (has_retention())
		order(FINISH_RETAIN, folder);
	return true;
}

void recording_folders_add(const char *folder)
{
	if (add_folder(folder))
		remember_folders();
}

/* Those that are there still. */
static void recall_folders(void)
{
	g_autofree char *path = memory_path();
	json_t *all = path ? json_load_file(path, 0, NULL) : NULL;
	for (size_t i = 0; i < json_array_size(all); i++) {
		const char *folder = json_string_value(json_array_get(all, i));
		if (folder && g_file_test(folder, G_FILE_TEST_IS_DIR))
			add_folder(folder);
	}
	json_decref(all);
}

static void each_hour(void *arg)
{
	GHashTableIter it;
	gpointer folder;
	(void)arg;
	g_hash_table_iter_init(&it, folders);
	while (has_retention() && g_hash_table_iter_next(&it, &folder, NULL))
		order(FINISH_RETAIN, folder);
	wheel_set(loop_wheel(loop), &hourly, loop_now(loop) + HOUR_US);
}

void recording_folders_start(struct loop *on)
{
	char folder[REC_PATH];
	loop = on;
	folders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	hourly = (struct wheel_timer){ .fn = each_hour };
	if (record_folder(folder))
		add_folder(folder);
	recall_folders();
	wheel_set(loop_wheel(loop), &hourly, loop_now(loop) + HOUR_US);
}

void recording_folders_stop(void)
{
	if (folders)
		wheel_cancel(loop_wheel(loop), &hourly);
	g_clear_pointer(&folders, g_hash_table_destroy);
}
