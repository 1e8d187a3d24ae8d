/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <ctype.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <glib.h>
#include <cardea/transport.h>
#include "../../core/base/log.h"
#include "../../core/control/module.h"
#include "../../core/control/options.h"

/* The files in conf/ against the tables of the program: every option is there, and what is shown is
 * its default. A line whose comment says "(default: X" may show something else, if X is the
 * default. */

#define DEFAULT "(default: "

static unsigned n_wrong;
static GHashTable *shown; /* "section.option" of the file that is read */

static void wrong(const char *file, const char *section, const char *option, const char *what)
{
	n_wrong++;
	print_error("%s: %s.%s: %s\n", file, section, option, what);
}

/* ---- lines ---- */

static const struct cardea_field *field_of(const struct cardea_section *s, const char *name)
{
	for (const struct cardea_field *f = s->fields; f && f->name; f++)
		if (!strcmp(f->name, name))
			return f;
	return NULL;
}

static const struct cardea_section *section_of(const struct cardea_section *all, const char *name)
{
	for (; all->name; all++) {
		size_t len = strlen(all->name);
		if (all->name[len - 1] == '*' ? !strncmp(all->name, name, len - 1)
					      : !strcmp(all->name, name))
			return all;
	}
	return NULL;
}

/* The default as conf/ writes it; NULL: there is none. */
static char *default_text(const struct cardea_field *f)
{
	switch (f->type) {
	case CARDEA_BOOL:
		return g_strdup(f->dflt ? "true" : "false");
	case CARDEA_INT:
	case CARDEA_UINT:
		return g_strdup_printf("%" G_GINT64_FORMAT, (gint64)f->dflt);
	case CARDEA_STR:
		return f->dflt_str ? g_strdup_printf("\"%s\"", f->dflt_str) : NULL;
	default:
		return NULL;
	}
}

/* @param value as it stands there  @param comment behind it */
static void check_line(const char *file, const struct cardea_section *s, const char *section,
	const char *option, const char *value, const char *comment)
{
	const struct cardea_field *f = field_of(s, option);
	const char *said = strstr(comment, DEFAULT);
	if (!f) {
		wrong(file, section, option, "there is no such option");
		return;
	}
	g_hash_table_add(shown, g_strdup_printf("%s.%s", s->name, option));
	g_autofree char *is = default_text(f);
	if (!is || f->idle || g_strcmp0(f->name, "opusred") == 0)
		return;
	g_autofree char *says =
		said ? g_strndup(said + strlen(DEFAULT), strcspn(said + strlen(DEFAULT), ",)"))
		     : g_strdup(value);
	if (strcmp(says, is) != 0) {
		g_autofree char *what =
			g_strdup_printf("the file says %s, the program %s", says, is);
		wrong(file, section, option, what);
	}
}

/* "name = value # comment", also behind a '#'. @return false: it is something else */
static bool split(char *line, char **option, char **value, char **comment)
{
	char *at = line + strspn(line, " \t#"), *end = at;
	while (isalnum((unsigned char)*end) || *end == '_')
		end++;
	if (end == at || strncmp(end, " = ", 3) != 0)
		return false;
	*end = 0;
	*option = at;
	*value = end + 3;
	char *stop =
		*value + (**value == '"' ? strcspn(*value + 1, "\"") + 2 : strcspn(*value, " #\t"));
	*comment = *stop ? stop + 1 : stop;
	*stop = 0;
	return true;
}

static bool opens_section(const char *line, char *section, size_t size)
{
	const char *at = line + strspn(line, " \t#");
	size_t len = strcspn(at, ": "); /* "room-1234", "room-<id>" */
	if (strcmp(at + len, ": {") != 0 || len >= size)
		return false;
	snprintf(section, size, "%.*s", (int)len, at);
	return true;
}

static void check_present(const char *file, const struct cardea_section *all)
{
	for (; all->name; all++)
		for (const struct cardea_field *f = all->fields; f && f->name; f++) {
			g_autofree char *key = g_strdup_printf("%s.%s", all->name, f->name);
			bool as_a_room =
				!strcmp(all->name, "sfu"); /* "every option of a room below" */
			g_autofree char *room = g_strdup_printf("room-*.%s", f->name);
			if (!g_hash_table_contains(shown, key) &&
				!(as_a_room && g_hash_table_contains(shown, room)))
				wrong(file, all->name, f->name, "is not there");
		}
}

static void check_file(const char *name, const struct cardea_section *all)
{
	const char *srcdir = getenv("srcdir");
	g_autofree char *path = g_strdup_printf("%s/conf/%s.jcfg", srcdir ? srcdir : ".", name);
	char *text, section[64] = "", *option, *value, *comment;
	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	shown = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	char **lines = g_strsplit(text, "\n", -1);
	bool is_demo = false;
	for (unsigned i = 0; lines[i]; i++) {
		if (opens_section(lines[i], section, sizeof section)) {
			is_demo = !strcmp(section, "room-1234") &&
				  lines[i][0] != '#'; /* with values of its own */
			if (!section_of(all, section))
				wrong(name, section, "", "there is no such section");
		} else if (section_of(all, section) && !is_demo &&
			   split(lines[i], &option, &value, &comment)) {
			check_line(name, section_of(all, section), section, option, value, comment);
		}
	}
	check_present(name, all);
	g_strfreev(lines);
	g_free(text);
	g_hash_table_destroy(shown);
}

/* ---- the files ---- */

static void core_file_shows_the_defaults(void **state)
{
	(void)state;
	n_wrong = 0;
	check_file("cardea", core_options);
	assert_int_equal(n_wrong, 0);
}

static unsigned n_modules;

static const char *check_plugin(const void *module, void *dl)
{
	const struct cardea_plugin *p = module;
	g_autofree char *name = g_strdup_printf("cardea.plugin.%s", p->name);
	(void)dl;
	n_modules++;
	check_file(name, p->options);
	return NULL;
}

static const char *check_transport(const void *module, void *dl)
{
	const struct cardea_transport *t = module;
	g_autofree char *name = g_strdup_printf("cardea.transport.%s", t->name);
	(void)dl;
	n_modules++;
	check_file(name, t->options);
	return NULL;
}

static void files_of_modules_show_the_defaults(void **state)
{
	(void)state;
	n_wrong = 0;
	modules_open("plugins", "cardea_plugin", sizeof(struct cardea_plugin), CARDEA_PLUGIN_ABI,
		NULL, check_plugin);
	modules_open("transports", "cardea_transport", sizeof(struct cardea_transport),
		CARDEA_TRANSPORT_ABI, NULL, check_transport);
	assert_true(n_modules >= 5);
	assert_int_equal(n_wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(core_file_shows_the_defaults),
		cmocka_unit_test(files_of_modules_show_the_defaults),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
