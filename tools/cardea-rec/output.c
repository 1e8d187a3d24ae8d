/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <glib.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "output.h"

struct output {
	char *path; /* as it will be */
	char *name; /* of `file`, when it is whole: another where it takes a place */
	char *now;  /* until then */
	struct rec_file *file;
};

static void free_output(struct output *o)
{
	g_free(o->path);
	g_free(o->name);
	g_free(o->now);
	g_free(o);
}

char *output_resolve(const char *path)
{
	g_autofree char *folder = g_path_get_dirname(path), *base = g_path_get_basename(path);
	char real[PATH_MAX];
	return realpath(folder, real) ? g_build_filename(real, base, NULL) : NULL;
}

struct output *output_open_repaired(const char *path, bool over, char *why, size_t size)
{
	struct output *o = g_new0(struct output, 1);
	if (!(o->path = output_resolve(path))) {
		snprintf(why, size, "%s cannot be written: %s", path, strerror(errno));
		free_output(o);
		return NULL;
	}
	over = over && access(o->path, F_OK) == 0;
	o->name = over ? g_strconcat(o->path, ".new", NULL) : g_strdup(o->path);
	o->now = g_strconcat(o->name, ".new", NULL);
	if (!(o->file = rec_file_new_finished(&rec_disk_real, NULL, o->name, why, size))) {
		free_output(o);
		return NULL;
	}
	return o;
}

struct output *output_open(const char *path, bool over, char *why, size_t size)
{
	g_autofree char *part = g_strconcat(path, ".part", NULL);
	if (access(part, F_OK) != 0)
		return output_open_repaired(path, over, why, size);
	snprintf(why, size, "%s is there: a recording of this name is not whole yet", part);
	return NULL;
}

struct rec_file *output_file(struct output *o)
{
	return o->file;
}

const char *output_path(const struct output *o)
{
	return o->now;
}

bool output_end(struct output *o, bool keep, char *why, size_t size)
{
	const char *error = keep ? rec_file_error(o->file) : NULL;
	bool good = keep;
	if (error)
		snprintf(why, size, "%s", error);
	if (rec_file_end(o->file, keep) && keep) {
		if (!error)
			snprintf(why, size, "%s cannot be written: %s", o->path, strerror(errno));
		good = false;
	}
	if (good && strcmp(o->name, o->path) != 0 && rename(o->name, o->path)) {
		snprintf(why, size, "%s cannot be replaced: %s", o->path, strerror(errno));
		unlink(o->name);
		good = false;
	}
	free_output(o);
	return good;
}
