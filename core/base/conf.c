/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* asprintf() */
#endif
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <libconfig.h>
#include "conf.h"
#include "conf_file.h"

#define BOM         "\xef\xbb\xbf" /* what some editors put before UTF-8 */
#define MAX_NESTING 32             /* of groups and lists: far more than any option has */

struct conf {
	char *dir; /* NULL: no files */
	struct cardea_conf **files;
	unsigned n_files;
	const char **names; /* of the files that are listed, made when asked for */
	struct findings *findings;
};

/* ---- files ---- */

static void file_free(struct cardea_conf *f)
{
	if (!f)
		return;
	json_decref(f->tree);
	json_decref(f->where);
	json_decref(f->lent);
	free(f->name);
	free(f->label);
	free(f);
}

/* "janus", "janus.x", "cardea.x.jcfg" … to "cardea", "cardea.x". @return owned by the caller, NULL:
 * no such name. */
static char *normal_name(const char *name, size_t len)
{
	static const char suffix[] = ".jcfg";
	static const char *const brands[] = { "cardea", "janus" };
	char *s;
	if (len > 5 && !memcmp(name + len - 5, suffix, 5))
		len -= 5;
	for (unsigned i = 0; i < 2; i++) {
		size_t n = strlen(brands[i]);
		if (len < n || memcmp(name, brands[i], n) || (len > n && name[n] != '.'))
			continue;
		if (len == n + 1)
			return NULL;
		return asprintf(&s, "cardea%.*s", (int)(len - n), name + n) < 0 ? NULL : s;
	}
	return NULL;
}

static struct cardea_conf *find_file(struct conf *c, const char *normal)
{
	for (unsigned i = 0; i < c->n_files; i++)
		if (!strcmp(c->files[i]->name, normal))
			return c->files[i];
	return NULL;
}

static struct cardea_conf *add_file(struct conf *c, const char *normal)
{
	struct cardea_conf *f = calloc(1, sizeof *f), **files;
	if (!f || !(files = realloc(c->files, (c->n_files + 1) * sizeof *files)))
		abort(); /* at start, with nothing to go on with */
	f->findings = c->findings;
	f->name = strdup(normal);
	f->label = strdup(normal);
	f->tree = json_object();
	f->where = json_object();
	f->lent = json_object();
	c->files = files;
	c->files[c->n_files++] = f;
	return f;
}

/* ---- libconfig to JSON ---- */

/* A reader carries what a whole file shares while its settings are walked. */
struct reader {
	struct cardea_conf *file;
	const char *where; /* a fixed place for all settings, NULL: their own line */
};

static void place_of(const struct reader *r, const config_setting_t *s, char *out, size_t cap)
{
	const char *file = config_setting_source_file(s);
	if (r->where)
		snprintf(out, cap, "%s", r->where);
	else
		snprintf(out, cap, "%s:%u", file ? file : r->file->label,
			(unsigned)config_setting_source_line(s));
}

static void complain(const struct reader *r, const config_setting_t *s, const char *what)
{
	char where[512];
	place_of(r, s, where, sizeof where);
	findings_add(r->file->findings, true, where, "%s", what);
}

static json_t *to_json(const struct reader *r, const config_setting_t *s, unsigned depth);

static json_t *members_to_json(const struct reader *r, const config_setting_t *s, unsigned depth)
{
	bool group = config_setting_is_group(s);
	json_t *all = group ? json_object() : json_array();
	int n = config_setting_length(s);
	if (depth > MAX_NESTING) {
		complain(r, s, "nested too deeply");
		return all;
	}
	for (int i = 0; i < n; i++) {
		const config_setting_t *m = config_setting_get_elem(s, (unsigned)i);
		json_t *v = to_json(r, m, depth + 1);
		if (!v)
			continue;
		if (group)
			json_object_set_new_nocheck(all, config_setting_name(m), v);
		else
			json_array_append_new(all, v);
	}
	return all;
}

static json_t *to_json(const struct reader *r, const config_setting_t *s, unsigned depth)
{
	json_t *v;
	switch (config_setting_type(s)) {
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		return json_integer(config_setting_get_int64(s));
	case CONFIG_TYPE_FLOAT:
		if (!(v = json_real(config_setting_get_float(s))))
			complain(r, s, "not a finite number");
		return v;
	case CONFIG_TYPE_BOOL:
		return json_boolean(config_setting_get_bool(s));
	case CONFIG_TYPE_STRING:
		if (!(v = json_string(config_setting_get_string(s))))
			complain(r, s, "not valid UTF-8");
		return v;
	default:
		return members_to_json(r, s, depth);
	}
}

/* Remember where the sections and their options stand. */
static void note_places(const struct reader *r, const config_setting_t *root)
{
	char where[512], key[512];
	for (int i = 0; i < config_setting_length(root); i++) {
		const config_setting_t *section = config_setting_get_elem(root, (unsigned)i);
		place_of(r, section, where, sizeof where);
		json_object_set_new(
			r->file->where, config_setting_name(section), json_string(where));
		for (int k = 0;
			config_setting_is_group(section) && k < config_setting_length(section);
			k++) {
			const config_setting_t *option =
				config_setting_get_elem(section, (unsigned)k);
			snprintf(key, sizeof key, "%s.%s", config_setting_name(section),
				config_setting_name(option));
			place_of(r, option, where, sizeof where);
			json_object_set_new(r->file->where, key, json_string(where));
		}
	}
}

static bool has_bom(FILE *in)
{
	char head[sizeof BOM - 1];
	return fread(head, 1, sizeof head, in) == sizeof head && !memcmp(head, BOM, sizeof head);
}

/* @return the file, behind its byte order mark; NULL: errno says why not */
static FILE *open_file(const char *path)
{
	struct stat st;
	FILE *in = fopen(path, "re");
	if (!in)
		return NULL;
	if (!fstat(fileno(in), &st) && S_ISDIR(st.st_mode)) {
		fclose(in);
		errno = EISDIR;
		return NULL;
	}
	if (!has_bom(in))
		rewind(in);
	return in;
}

/* libconfig opens by itself what is included, and calls a byte order mark a syntax error.
 * @param name of what it stopped in, as written or with the folder; NULL: the first file */
static bool is_stopped_by_bom(const struct conf *c, const char *name, int line)
{
	char path[PATH_MAX];
	FILE *in = NULL;
	bool is;
	if (!name || line != 1)
		return false;
	if (*name != '/')
		snprintf(path, sizeof path, "%s/%s", c->dir ? c->dir : ".", name);
	in = fopen(*name == '/' ? name : path, "re");
	is = in && has_bom(in);
	if (in)
		fclose(in);
	return is;
}

static void read_file(struct conf *c, struct cardea_conf *f)
{
	struct reader r = { .file = f };
	char where[512];
	config_t cfg;
	FILE *in = open_file(f->label);
	if (!in) {
		findings_add(c->findings, true, f->label, "cannot be read: %s", strerror(errno));
		return;
	}
	config_init(&cfg);
	config_set_include_dir(&cfg, c->dir);
	if (config_read(&cfg, in)) {
		json_decref(f->tree);
		f->tree = members_to_json(&r, config_root_setting(&cfg), 0);
		note_places(&r, config_root_setting(&cfg));
	} else {
		const char *file = config_error_file(&cfg);
		snprintf(where, sizeof where, "%s:%d", file ? file : f->label,
			config_error_line(&cfg));
		findings_add(c->findings, true, where, "%s",
			is_stopped_by_bom(c, file, config_error_line(&cfg))
				? "an included file must not begin with a byte order mark"
				: config_error_text(&cfg));
	}
	config_destroy(&cfg);
	fclose(in);
}

/* A file in the form of old: who has one expects it to count. */
static void meet_ini(struct conf *c, const char *entry, size_t len)
{
	char *name = normal_name(entry, len - 4), where[512];
	if (!name)
		return;
	snprintf(where, sizeof where, "%s/%s", c->dir, entry);
	findings_add(
		c->findings, false, where, "not read: .cfg files are not; write %s.jcfg", name);
	free(name);
}

/* Take note of a file of the folder; of two with the same name the cardea one wins. */
static void meet_file(struct conf *c, const char *entry)
{
	size_t len = strlen(entry);
	struct cardea_conf *f;
	char *name;
	if (len > 4 && !strcmp(entry + len - 4, ".cfg"))
		meet_ini(c, entry, len);
	if (len < 6 || strcmp(entry + len - 5, ".jcfg") || !(name = normal_name(entry, len)))
		return;
	f = find_file(c, name);
	if (!f || *entry == 'c') {
		f = f ? f : add_file(c, name);
		f->listed = true;
		free(f->label);
		if (asprintf(&f->label, "%s/%s", c->dir, entry) < 0)
			abort();
	}
	free(name);
}

static void read_folder(struct conf *c)
{
	struct dirent **entries;
	int n = scandir(c->dir, &entries, NULL, alphasort);
	if (n < 0) {
		findings_add(c->findings, true, c->dir, "cannot be read");
		return;
	}
	for (int i = 0; i < n; i++) {
		meet_file(c, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	for (unsigned i = 0; i < c->n_files; i++)
		read_file(c, c->files[i]);
}

/* ---- overrides ---- */

/* A list or group is written as in a file; anything else is a string, which the check converts. */
static json_t *parse_value(struct cardea_conf *f, const char *where, const char *value)
{
	struct reader r = { .file = f, .where = where };
	json_t *v = NULL;
	config_t cfg;
	char *text;
	if (!strchr("[({", *value) || !*value)
		return json_string(value);
	if (asprintf(&text, "value = %s;", value) < 0)
		return NULL;
	config_init(&cfg);
	if (config_read_string(&cfg, text) && config_setting_length(config_root_setting(&cfg)) == 1)
		v = to_json(&r, config_setting_get_elem(config_root_setting(&cfg), 0), 0);
	config_destroy(&cfg);
	free(text);
	return v;
}

static void set_option(
	struct cardea_conf *f, const char *where, const char *section, const char *key, json_t *v)
{
	json_t *group = json_object_get(f->tree, section);
	char path[512];
	if (!json_is_object(group)) {
		group = json_object();
		json_object_set_new(f->tree, section, group);
		json_object_set_new(f->where, section, json_string(where));
	}
	json_object_set_new(group, key, v);
	snprintf(path, sizeof path, "%s.%s", section, key);
	json_object_set_new(f->where, path, json_string(where));
}

/* A name that libconfig could have read. */
static bool is_name(const char *s)
{
	return *s &&
	       s[strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_*-")] ==
		       0;
}

static const char *apply(struct conf *c, const char *where, char *file, char *value)
{
	char *section = strchr(file, ':'), *key, *name;
	struct cardea_conf *f;
	json_t *v;
	if (!section || !(key = strchr(section, '.')))
		return "should be FILE:SECTION.KEY=VALUE";
	*section++ = 0;
	*key++ = 0;
	if (!is_name(section) || !is_name(key))
		return "should be FILE:SECTION.KEY=VALUE";
	if (!(name = normal_name(file, strlen(file))))
		return "names no file: cardea, cardea.plugin.NAME, cardea.transport.NAME, …";
	f = find_file(c, name);
	f = f ? f : add_file(c, name);
	free(name);
	f->listed = true;
	if (!(v = parse_value(f, where, value)))
		return "has a value that cannot be parsed";
	set_option(f, where, section, key, v);
	return NULL;
}

static void apply_override(struct conf *c, const char *set)
{
	char *copy = strdup(set), *value = copy ? strchr(copy, '=') : NULL, where[512];
	const char *wrong = "should be FILE:SECTION.KEY=VALUE";
	int len = value ? (int)(value - copy) : (int)strcspn(set, "=");
	snprintf(where, sizeof where, CONF_SET "%.*s", len, set); /* the value may be a secret */
	if (value) {
		*value = 0;
		wrong = apply(c, where, copy, value + 1);
	}
	if (wrong)
		findings_add(c->findings, true, where, "%s", wrong);
	free(copy);
}

/* ---- the way in and out ---- */

struct conf *conf_load(const char *dir, const char *const *sets, unsigned n_sets)
{
	struct conf *c = calloc(1, sizeof *c);
	if (!c)
		abort();
	c->findings = findings_create();
	if (dir) {
		c->dir = strdup(dir);
		read_folder(c);
	}
	for (unsigned i = 0; i < n_sets; i++)
		apply_override(c, sets[i]);
	return c;
}

void conf_destroy(struct conf *c)
{
	if (!c)
		return;
	for (unsigned i = 0; i < c->n_files; i++)
		file_free(c->files[i]);
	free(c->files);
	free(c->names);
	free(c->dir);
	findings_destroy(c->findings);
	free(c);
}

struct cardea_conf *conf_file(struct conf *c, const char *name)
{
	char *normal = normal_name(name, strlen(name));
	const char *key = normal ? normal : name;
	struct cardea_conf *f = find_file(c, key);
	if (!f)
		f = add_file(c, key);
	free(normal);
	return f;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *const *conf_names(struct conf *c)
{
	unsigned n = 0;
	free(c->names);
	if (!(c->names = calloc(c->n_files + 1, sizeof *c->names)))
		abort();
	for (unsigned i = 0; i < c->n_files; i++)
		if (c->files[i]->listed)
			c->names[n++] = c->files[i]->name;
	qsort(c->names, n, sizeof *c->names, by_name);
	return c->names;
}

unsigned conf_findings(
	const struct conf *c, void (*each)(void *arg, bool is_error, const char *text), void *arg)
{
	return findings_each(c->findings, each, arg);
}
