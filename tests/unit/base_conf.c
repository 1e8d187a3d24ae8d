/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration files read into sections and checked against tables (core/base/conf.c,
 * conf_check.c, findings.c). control_options has the options of the server itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../core/base/conf.h"
#include "../../core/base/conf_check.h"
#include "../fuzz/mutate.h"

static const struct cardea_field general[] = {
	{ "server_name", CARDEA_STR, .dflt_str = "unnamed" },
	{ "debug_level", CARDEA_UINT, .max = 7, .dflt = 4 },
	{ "log_to_stdout", CARDEA_BOOL, .dflt = 1 },
	{ "token_auth", .type = CARDEA_BOOL },
	{ "offset", CARDEA_INT, .min = -10, .max = 10 },
	{ "json", CARDEA_STR, .one_of = "indented|plain|compact", .dflt_str = "compact" },
	{ "protected_folders", CARDEA_STRS, .max = 16 },
	{ "daemonize", CARDEA_BOOL, .idle = "leave it to others" },
	{ "pid_file", CARDEA_STR, .idle = "leave it to others" },
	{ "title", CARDEA_STR, .max = 8 },
	{ "room", .type = CARDEA_ID },
	{ 0 },
};
static const struct cardea_field stream[] = {
	{ "mid", CARDEA_STR, .required = true },
	{ "pt", CARDEA_UINT, .max = 127, .dflt = 96 },
	{ 0 },
};
static const struct cardea_field room[] = {
	{ "publishers", CARDEA_UINT, .dflt = 3 },
	{ "secret", .type = CARDEA_STR },
	{ "media", CARDEA_ARR, .of = stream, .nonempty = true },
	{ "extra", CARDEA_OBJ, .of = stream },
	{ 0 },
};
static const struct cardea_section sections[] = {
	{ "general", general },
	{ "room-*", room },
	{ 0 },
};

/* ---- a folder of files ---- */

static char dir[64], told[4096];

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof dir, "/tmp/cardea-conf-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	char path[400];
	(void)state;
	while ((e = readdir(d))) {
		snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
		if (e->d_name[0] != '.')
			unlink(path);
	}
	closedir(d);
	return rmdir(dir);
}

static void put_bytes(const char *name, const void *text, size_t len)
{
	char path[200];
	FILE *f;
	snprintf(path, sizeof path, "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	fclose(f);
}

static void put(const char *name, const char *text)
{
	put_bytes(name, text, strlen(text));
}

/* Findings end up in `told`, one a line: "E " or "W ", without the folder. */
static void tell(void *arg, bool is_error, const char *text)
{
	size_t n = strlen(dir);
	(void)arg;
	if (!strncmp(text, dir, n) && text[n] == '/')
		text += n + 1;
	assert_true(strlen(told) + strlen(text) + 4 < sizeof told);
	sprintf(told + strlen(told), "%c %s\n", is_error ? 'E' : 'W', text);
}

static unsigned findings(struct conf *c)
{
	*told = 0;
	return conf_findings(c, tell, NULL);
}

/* Load cardea.jcfg with this text and check it. */
static struct conf *load(const char *text)
{
	struct conf *c;
	put("cardea.jcfg", text);
	c = conf_load(dir, NULL, 0);
	conf_check(conf_file(c, "cardea"), sections);
	return c;
}

static struct cardea_args section(struct conf *c, const char *name)
{
	return cardea_conf_section(conf_file(c, "cardea"), name);
}

/* ---- promises ---- */

static void gives_defaults_where_there_is_no_file(void **state)
{
	struct conf *c = conf_load(NULL, NULL, 0);
	struct cardea_args g;
	(void)state;
	conf_check(conf_file(c, "cardea"), sections);
	g = section(c, "general");
	assert_string_equal(cardea_str(&g, "server_name"), "unnamed");
	assert_int_equal(cardea_int(&g, "debug_level"), 4);
	assert_true(cardea_bool(&g, "log_to_stdout"));
	assert_null(conf_names(c)[0]);
	assert_int_equal(findings(c), 0);
	assert_string_equal(told, "");
	conf_destroy(c);
}

static void reads_sections_with_lenient_scalars(void **state)
{
	struct conf *c =
		load("general: {\n server_name = 5; debug_level = \"7\"\n"
		     "log_to_stdout = \"no\"; token_auth = \"YES\"\n"
		     "offset = -10 json = \"Plain\" protected_folders = [\"/usr\", \"/etc\"] }\n");
	struct cardea_args g = section(c, "general");
	(void)state;
	assert_int_equal(findings(c), 0);
	assert_string_equal(told, "");
	assert_string_equal(cardea_str(&g, "server_name"), "5");
	assert_int_equal(cardea_int(&g, "debug_level"), 7);
	assert_false(cardea_bool(&g, "log_to_stdout"));
	assert_true(cardea_bool(&g, "token_auth"));
	assert_int_equal(cardea_int(&g, "offset"), -10);
	assert_string_equal(cardea_str(&g, "json"), "plain");
	assert_int_equal(json_array_size(cardea_json(&g, "protected_folders")), 2);
	conf_destroy(c);
}

static void knows_which_words_are_true(void **state)
{
	static const char *const yes[] = { "true", "TRUE", "\"true\"", "\"Yes\"", "1", "\"1\"" };
	static const char *const no[] = { "false", "0", "2", "\"on\"", "\"\"", "\"no\"" };
	char text[100];
	(void)state;
	for (unsigned i = 0; i < 12; i++) {
		struct conf *c;
		struct cardea_args g;
		snprintf(text, sizeof text, "general: { log_to_stdout = %s }",
			i < 6 ? yes[i] : no[i - 6]);
		c = load(text);
		g = section(c, "general");
		assert_int_equal(cardea_bool(&g, "log_to_stdout"), i < 6);
		assert_int_equal(findings(c), 0);
		conf_destroy(c);
	}
}

static void reports_values_that_do_not_fit_and_gives_the_default(void **state)
{
	struct conf *c =
		load("general: {\n debug_level = 8\n log_to_stdout = [1]\n offset = \"12x\"\n"
		     "server_name = { a = 1 }\n"
		     "json = \"pretty\"\n protected_folders = ( { } )\n}\nmedia = 5\n");
	struct cardea_args g = section(c, "general");
	(void)state;
	assert_int_equal(findings(c), 7);
	assert_string_equal(told,
		"E cardea.jcfg:2: 'debug_level' in section 'general' should be a whole number (0 "
		"to 7)\n"
		"E cardea.jcfg:3: 'log_to_stdout' in section 'general' should be a boolean\n"
		"E cardea.jcfg:4: 'offset' in section 'general' should be an integer (-10 to 10)\n"
		"E cardea.jcfg:5: 'server_name' in section 'general' should be a string\n"
		"E cardea.jcfg:6: 'json' in section 'general' should be one of "
		"indented|plain|compact\n"
		"E cardea.jcfg:7: 'protected_folders' in section 'general' should be an array of "
		"strings of at most 16 bytes\n"
		"E cardea.jcfg:9: 'media' should be a section: media: { … }\n");
	assert_int_equal(cardea_int(&g, "debug_level"), 4);
	assert_true(cardea_bool(&g, "log_to_stdout"));
	assert_string_equal(cardea_str(&g, "server_name"), "unnamed");
	conf_destroy(c);
}

static void holds_texts_to_so_many_bytes(void **state)
{
	char text[600], id[CARDEA_ID_BYTES + 2];
	struct conf *c;
	struct cardea_args g;
	(void)state;
	memset(id, 'a', sizeof id - 1);
	id[sizeof id - 1] = 0;
	snprintf(text, sizeof text,
		"general: {\n title = 123456789\n protected_folders = [\"/fits\",\n"
		"\"/does/not/fit/any\"]\n room = \"%s\" }\n",
		id);
	c = load(text);
	g = section(c, "general");
	assert_int_equal(findings(c), 3);
	assert_string_equal(told, "E cardea.jcfg:2: 'title' in section 'general' should be a "
				  "string of at most 8 bytes\n"
				  "E cardea.jcfg:3: 'protected_folders' in section 'general' "
				  "should be an array of strings of at most "
				  "16 bytes\n"
				  "E cardea.jcfg:5: 'room' in section 'general' should be an id of "
				  "at most 256 bytes\n");
	assert_null(cardea_str(&g, "title"));
	conf_destroy(c);
	c = load("general: { title = \"12345678\"; protected_folders = [\"/just/fits/this\"] }\n");
	assert_int_equal(findings(c), 0);
	conf_destroy(c);
}

static void names_the_nearest_option_and_section(void **state)
{
	struct conf *c = load("general: {\n debug_levle = 8\n}\ngenerel: { }\nroom-1: {\n "
			      "publisher = 3\n}\nrooms: { }\n");
	char first[sizeof told];
	(void)state;
	assert_int_equal(findings(c), 0); /* warnings only */
	assert_string_equal(told,
		"W cardea.jcfg:2: unknown option 'debug_levle' in section 'general', did you mean "
		"'debug_level'?\n"
		"W cardea.jcfg:4: unknown section 'generel', did you mean 'general'?\n"
		"W cardea.jcfg:6: unknown option 'publisher' in section 'room-1', did you mean "
		"'publishers'?\n"
		"W cardea.jcfg:8: unknown section 'rooms', did you mean 'room-*'?\n");
	strcpy(first, told);
	conf_check(conf_file(c, "cardea"), sections); /* a second check tells nothing twice */
	findings(c);
	assert_string_equal(told, first);
	conf_destroy(c);
}

static void walks_sections_of_a_pattern_in_file_order(void **state)
{
	struct conf *c = load("room-9: { publishers = 9 }\ngeneral: { }\nroom-1: { }\nroom-x = 4\n"
			      "room-abc: { secret = 12 }\n");
	struct cardea_args a;
	unsigned i = 0;
	(void)state;
	assert_string_equal(cardea_conf_next(conf_file(c, "cardea"), "room-*", &i, &a), "room-9");
	assert_int_equal(cardea_int(&a, "publishers"), 9);
	assert_string_equal(cardea_conf_next(conf_file(c, "cardea"), "room-*", &i, &a), "room-1");
	assert_int_equal(cardea_int(&a, "publishers"), 3);
	assert_string_equal(cardea_conf_next(conf_file(c, "cardea"), "room-*", &i, &a), "room-abc");
	assert_string_equal(cardea_str(&a, "secret"), "12");
	assert_null(cardea_conf_next(conf_file(c, "cardea"), "room-*", &i, &a));
	assert_null(cardea_conf_next(conf_file(c, "cardea"), "room-*", &i, &a));
	conf_destroy(c);
}

static void looks_into_lists_and_groups(void **state)
{
	struct conf *c = load("room-1: {\n media = ( { mid = 0; pt = \"97\" }, { mid = \"v\" } )\n "
			      "extra = { pt = 5 }\n}\n"
			      "room-2: {\n media = ( )\n}\nroom-3: {\n media = ( { mid = \"a\", pt "
			      "= 128, foo = 1 } )\n}\n");
	struct cardea_args a = section(c, "room-1"), item;
	const json_t *media = cardea_json(&a, "media");
	(void)state;
	assert_int_equal(findings(c), 3);
	assert_string_equal(told,
		"E cardea.jcfg:3: 'mid' is missing in section 'room-1'\n"
		"E cardea.jcfg:6: 'media' in section 'room-2' should be a list ( … ) with "
		"something in it\n"
		"E cardea.jcfg:9: 'pt' in section 'room-3' should be a whole number (0 to 127)\n"
		"W cardea.jcfg:9: unknown option 'foo' in section 'room-3'\n");
	assert_int_equal(json_array_size(media), 2);
	item = (struct cardea_args){ json_array_get(media, 0), stream };
	assert_string_equal(cardea_str(&item, "mid"), "0");
	assert_int_equal(cardea_int(&item, "pt"), 97);
	item.obj = json_array_get(media, 1);
	assert_int_equal(cardea_int(&item, "pt"), 96);
	conf_destroy(c);
}

static void reports_syntax_and_duplicates_with_their_line(void **state)
{
	struct conf *c = load("general: {\n\n server_name = = 4\n}\n");
	(void)state;
	assert_int_equal(findings(c), 1);
	assert_ptr_equal(strstr(told, "E cardea.jcfg:3: "), told);
	conf_destroy(c);
	c = load("general: {\n server_name = \"a\"\n server_name = \"b\"\n}\n");
	assert_int_equal(findings(c), 1);
	assert_string_equal(told, "E cardea.jcfg:3: duplicate setting name\n");
	conf_destroy(c);
}

static void includes_files_of_its_folder_and_names_them(void **state)
{
	struct conf *c;
	struct cardea_args g;
	(void)state;
	put("more.cfg", "server_name = \"included\"\n\ndebug_level = 99\n");
	c = load("general: {\n@include \"more.cfg\"\n}\n");
	g = section(c, "general");
	assert_string_equal(cardea_str(&g, "server_name"), "included");
	assert_int_equal(findings(c), 1);
	assert_string_equal(told, "E more.cfg:3: 'debug_level' in section 'general' should be a "
				  "whole number (0 to 7)\n");
	conf_destroy(c);
}

static void reads_the_janus_file_where_the_cardea_file_is_missing(void **state)
{
	static const char *const want[] = { "cardea", "cardea.plugin.echotest",
		"cardea.plugin.videoroom" };
	struct conf *c;
	struct cardea_args g;
	(void)state;
	put("janus.jcfg", "general: { server_name = \"old\" }");
	put("cardea.jcfg", "general: { server_name = \"new\" }");
	put("janus.plugin.videoroom.jcfg", "general: { server_name = \"room\" debug_level = 8 }");
	put("cardea.plugin.echotest.jcfg", "");
	put("janusx.jcfg", "= broken, and none of ours");
	put("cardea.plugin.lua.jcfg.bak", "= likewise");
	c = conf_load(dir, NULL, 0);
	for (int i = 0; i < 3; i++)
		assert_string_equal(conf_names(c)[i], want[i]);
	assert_null(conf_names(c)[3]);
	conf_check(conf_file(c, "cardea"), sections);
	conf_check(conf_file(c, "cardea.plugin.videoroom"), sections);
	g = section(c, "general");
	assert_string_equal(cardea_str(&g, "server_name"), "new");
	g = cardea_conf_section(conf_file(c, "cardea.plugin.videoroom"), "general");
	assert_string_equal(cardea_str(&g, "server_name"), "room");
	assert_int_equal(findings(c), 1);
	assert_ptr_equal(strstr(told, "E janus.plugin.videoroom.jcfg:1: "), told);
	conf_destroy(c);
}

static void lets_overrides_replace_and_add(void **state)
{
	static const char *const sets[] = { "cardea:general.server_name=a=b:c.d",
		"janus:general.debug_level=5", "cardea:general.protected_folders=[\"/a\", \"/b\"]",
		"cardea:room-7.publishers=12", "cardea.plugin.x:general.token_auth=yes",
		"cardea:room-7.media=( { mid = \"0\" } )", "cardea:general.log_to_stdout=" };
	struct conf *c;
	struct cardea_args g;
	(void)state;
	put("cardea.jcfg",
		"general: { server_name = \"file\"; debug_level = 1; json = \"plain\" }");
	c = conf_load(dir, sets, 7);
	conf_check(conf_file(c, "cardea"), sections);
	conf_check(conf_file(c, "cardea.plugin.x"), sections);
	assert_int_equal(findings(c), 0);
	assert_string_equal(told, "");
	g = section(c, "general");
	assert_string_equal(cardea_str(&g, "server_name"), "a=b:c.d");
	assert_int_equal(cardea_int(&g, "debug_level"), 5);
	assert_string_equal(cardea_str(&g, "json"), "plain");
	assert_false(cardea_bool(&g, "log_to_stdout"));
	assert_string_equal(
		json_string_value(json_array_get(cardea_json(&g, "protected_folders"), 1)), "/b");
	g = section(c, "room-7");
	assert_int_equal(cardea_int(&g, "publishers"), 12);
	assert_int_equal(json_array_size(cardea_json(&g, "media")), 1);
	g = cardea_conf_section(conf_file(c, "cardea.plugin.x"), "general");
	assert_true(cardea_bool(&g, "token_auth"));
	assert_string_equal(conf_names(c)[1], "cardea.plugin.x");
	conf_destroy(c);
}

static void reports_bad_overrides_without_their_values(void **state)
{
	static const char *const sets[] = { "cardea:general.debug_level=secret", "cardea:general",
		"general.x=secret", "cardea:x=secret", "other:a.b=secret",
		"cardea:general.protected_folders=[secret", "cardea:.b=secret", "cardea:a.=secret",
		"cardea:a.b.c=secret", "", "cardea:general.debug_levle=1", "cardea:a\xff.b=secret",
		"cardea:general.server_name=\xff" };
	struct conf *c = conf_load(NULL, sets, 13);
	(void)state;
	conf_check(conf_file(c, "cardea"), sections);
	assert_int_equal(findings(c), 13);
	assert_null(strstr(told, "secret"));
	assert_non_null(strstr(told, "E --set cardea:general.debug_level: 'debug_level' in section "
				     "'general' should be"));
	assert_non_null(strstr(told, "E --set cardea:general: should be FILE:SECTION.KEY=VALUE\n"));
	assert_non_null(strstr(told, "E --set other:a.b: names no file"));
	assert_non_null(strstr(told,
		"E --set cardea:general.protected_folders: has a value that cannot be parsed\n"));
	assert_non_null(
		strstr(told, "E --set cardea:general.debug_levle: unknown option 'debug_levle'"));
	conf_destroy(c);
}

static void refuses_names_it_does_not_know_in_overrides(void **state)
{
	static const char *const sets[] = { "cardea:generl.debug_level=1",
		"cardea:general.debug_levl=1" };
	struct conf *c = conf_load(NULL, sets, 2);
	(void)state;
	conf_check(conf_file(c, "cardea"), sections);
	assert_int_equal(findings(c), 2);
	assert_non_null(strstr(told, "E --set cardea:generl.debug_level: unknown section 'generl', "
				     "did you mean 'general'?\n"));
	assert_non_null(strstr(told, "E --set cardea:general.debug_levl: unknown option "
				     "'debug_levl' in section 'general', "
				     "did you mean 'debug_level'?\n"));
	conf_destroy(c);
}

static void warns_once_of_options_without_effect(void **state)
{
	struct conf *c = load("general: {\n daemonize = false\n pid_file = \"\"\n}\n");
	(void)state;
	conf_check(conf_file(c, "cardea"), sections);
	assert_int_equal(findings(c), 0);
	assert_string_equal(told, "W cardea.jcfg:2: 'daemonize' in section 'general' has no "
				  "effect: leave it to others\n");
	conf_destroy(c);
}

static void reads_behind_a_byte_order_mark(void **state)
{
	struct conf *c = load("\xef\xbb\xbfgeneral: {\n debug_level = 6\n debug_levle = 1\n}\n");
	struct cardea_args g = section(c, "general");
	(void)state;
	assert_int_equal(cardea_int(&g, "debug_level"), 6);
	assert_int_equal(findings(c), 0);
	assert_non_null(strstr(told, "W cardea.jcfg:3: unknown option 'debug_levle'"));
	conf_destroy(c);
	c = load("\xef\xbb");
	assert_int_equal(findings(c), 1);
	assert_non_null(strstr(told, "E cardea.jcfg:1: "));
	conf_destroy(c);
	put("more.cfg", "\xef\xbb\xbf"
			"debug_level = 6\n");
	c = load("general: {\n@include \"more.cfg\"\n}\n");
	assert_int_equal(findings(c), 1);
	assert_non_null(
		strstr(told, "more.cfg:1: an included file must not begin with a byte order mark"));
	conf_destroy(c);
}

static void says_that_it_does_not_read_files_of_old(void **state)
{
	struct conf *c;
	(void)state;
	put("janus.cfg", "[general]\ndebug_level = 7\n");
	put("cardea.plugin.videoroom.cfg", "[general]\n");
	put("other.cfg", "");
	c = load("");
	assert_int_equal(findings(c), 0);
	assert_string_equal(told, "W cardea.plugin.videoroom.cfg: not read: .cfg files are not; "
				  "write cardea.plugin.videoroom.jcfg\n"
				  "W janus.cfg: not read: .cfg files are not; write cardea.jcfg\n");
	conf_destroy(c);
}

static void takes_what_modules_find_wrong(void **state)
{
	struct conf *c = load("general: {\n debug_level = 6\n}\n");
	const struct cardea_conf *f = conf_file(c, "cardea");
	(void)state;
	const char *where = cardea_conf_where(f, "general", "debug_level");
	assert_non_null(strstr(where, "cardea.jcfg:2: 'debug_level' in section 'general'"));
	assert_ptr_equal(cardea_conf_where(f, "general", "debug_level"), where);
	assert_non_null(
		strstr(cardea_conf_where(f, "general", "offset"), "cardea.jcfg:1: 'offset'"));
	assert_non_null(strstr(cardea_conf_where(f, "none", "offset"), "cardea.jcfg: 'offset'"));
	cardea_conf_wrong(f, true, "general", "debug_level", "%d is not %s", 6, "mine");
	cardea_conf_wrong(f, false, "general", NULL, "too %s", "short");
	assert_int_equal(findings(c), 1);
	assert_string_equal(told,
		"E cardea.jcfg:2: 'debug_level' in section 'general': 6 is not mine\n"
		"W cardea.jcfg:1: section 'general': too short\n");
	conf_destroy(c);
}

static void tells_the_worst_first(void **state)
{
	struct conf *c = load("generell: { }\ngeneral: { debug_level = 9 }\n");
	(void)state;
	assert_int_equal(findings(c), 1);
	assert_ptr_equal(strstr(told, "E cardea.jcfg:2"), told);
	assert_non_null(strstr(told, "\nW cardea.jcfg:1"));
	assert_int_equal(conf_findings(c, NULL, NULL), 1);
	conf_destroy(c);
}

static void reports_a_folder_it_cannot_read(void **state)
{
	struct conf *c = conf_load("/nonexistent/conf", NULL, 0);
	(void)state;
	assert_int_equal(findings(c), 1);
	assert_string_equal(told, "E /nonexistent/conf: cannot be read\n");
	conf_destroy(c);
}

/* libconfig 1.5 forgets the text of a string that never ends; it reads files once, at start. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig";
}

static void bears_files_of_every_kind(void **state)
{
	static const char good[] =
		"general: { server_name = \"x\"; debug_level = 5, protected_folders = [ \"a\" ]\n"
		"offset = -0x5 json: \"plain\" nested: { a = ( 1, [ 2.5 ], { b = true } ) } }\n"
		"room-1: { media = ( { mid = 5 } ) }\n"
		"/* c */ top = 12L // c\n";
	char text[400], deep[5000] = "general: { server_name = ";
	struct conf *c;
	(void)state;
	for (int i = 0; i < 2000; i++)
		strcat(deep, "(");
	for (int i = 0; i < 2000; i++)
		strcat(deep, ")");
	strcat(deep, " }");
	c = load(deep);
	assert_int_equal(findings(c) > 0, 1);
	conf_destroy(c);
	c = load("general: { server_name = \"\xff\xfe\" }\n");
	assert_int_equal(findings(c), 1);
	assert_string_equal(told, "E cardea.jcfg:1: not valid UTF-8\n");
	conf_destroy(c);
	mutate_seed(7);
	for (int round = 0; round < 3000; round++) {
		struct cardea_args g;
		memcpy(text, good, sizeof good - 1);
		put_bytes("cardea.jcfg", text, mutate(text, sizeof good - 1, sizeof text));
		c = conf_load(dir, NULL, 0);
		conf_check(conf_file(c, "cardea"), sections);
		g = section(c, "general");
		/* whatever the file: what is given out fits */
		assert_in_range(cardea_int(&g, "debug_level"), 0, 7);
		assert_non_null(cardea_str(&g, "json"));
		conf_destroy(c);
	}
}

#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIR(gives_defaults_where_there_is_no_file),
		IN_DIR(reads_sections_with_lenient_scalars),
		IN_DIR(knows_which_words_are_true),
		IN_DIR(reports_values_that_do_not_fit_and_gives_the_default),
		IN_DIR(holds_texts_to_so_many_bytes),
		IN_DIR(names_the_nearest_option_and_section),
		IN_DIR(walks_sections_of_a_pattern_in_file_order),
		IN_DIR(looks_into_lists_and_groups),
		IN_DIR(reports_syntax_and_duplicates_with_their_line),
		IN_DIR(includes_files_of_its_folder_and_names_them),
		IN_DIR(reads_the_janus_file_where_the_cardea_file_is_missing),
		IN_DIR(lets_overrides_replace_and_add),
		IN_DIR(reports_bad_overrides_without_their_values),
		IN_DIR(refuses_names_it_does_not_know_in_overrides),
		IN_DIR(warns_once_of_options_without_effect),
		IN_DIR(reads_behind_a_byte_order_mark),
		IN_DIR(says_that_it_does_not_read_files_of_old),
		IN_DIR(takes_what_modules_find_wrong),
		IN_DIR(tells_the_worst_first),
		IN_DIR(reports_a_folder_it_cannot_read),
		IN_DIR(bears_files_of_every_kind),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
