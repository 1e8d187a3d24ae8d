/* SPDX-License-Identifier: Apache-2.0 */
/* The recordings that recordplay keeps: one as its .nfo file has it, ours and others' (entry.c),
 * and the folder of them (library.c). Folder and the thread that writes into it are real. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../plugins/recordplay/entry.h"
#include "../../plugins/recordplay/library.h"
#include "control_world.h"
#include "until.h"

#define DATE "date = 2026-11-23 15:20:55\n"
#define FILM "name = A film\n" DATE "media = film.webm\n"

static char dir[64];

/* ---- one ---- */

static struct entry entry_of(const char *text)
{
	struct entry e;
	const char *why;
	if (!entry_read(text, &e, &why))
		fail_msg("%s: %s", text, why);
	return e;
}

static void is_none(const char *text, const char *reason)
{
	struct entry e;
	const char *why;
	if (entry_read(text, &e, &why))
		fail_msg("read: %s", text);
	if (!strstr(why, reason))
		fail_msg("\"%s\" for \"%s\": %s", why, reason, text);
}

static void a_file_of_the_specification_is_read(void **state)
{
	(void)state;
	struct entry e = entry_of("[1001]\r\nname = My recording\r\n" DATE
				  "private = false\naudio = rec-1001-audio.mjr\n"
				  "video = rec-1001-video.mjr\ndata = rec-1001-data.mjr\n");
	assert_true(e.id == 1001);
	assert_string_equal(e.name, "My recording");
	assert_string_equal(e.date, "2026-11-23 15:20:55");
	assert_false(e.is_private);
	assert_string_equal(e.audio, "rec-1001-audio.mjr");
	assert_string_equal(e.video, "rec-1001-video.mjr");
	assert_string_equal(e.data, "rec-1001-data.mjr");
	assert_true(e.is_audio && e.is_video && e.is_data);
	assert_int_equal(e.n_media, 0);
}

static void files_of_other_servers_are_read(void **state)
{
	(void)state;
	struct entry e = entry_of(
		"; by hand\n\n[7]\n#\nname=a=b\n" DATE "video=sub/film-video\nunknown = 1\n");
	assert_string_equal(e.name, "a=b");
	assert_string_equal(e.video, "sub/film-video.mjr");
	assert_true(e.is_private); /* where nothing is said of it */
	assert_true(e.is_video && !e.is_audio && !e.is_data);
	e = entry_of("[9223372036854775807]\n" FILM);
	assert_true(e.id == INT64_MAX);
	assert_true(e.is_audio && e.is_video); /* of a film nobody knows */
	assert_true(!entry_of("[1]\nprivate = No\n" FILM).is_private);
	assert_true(entry_of("[1]\nprivate = YES\n" FILM).is_private);
}

static void what_is_no_recording_is_refused(void **state)
{
	(void)state;
	const char *const numbers[] = { "0", "-1", "+1", " 1", "x", "", "1x", "9223372036854775808",
		"18446744073709551617", "-18446744073709551615" };
	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
		g_autofree char *text = g_strdup_printf("[%s]\n" FILM, numbers[i]);
		is_none(text, "a line");
	}
	is_none("[1\n" FILM, "a line");
	is_none("[1]\n" FILM "[2]\n", "a line");
	is_none("", "no section");
	is_none(FILM, "no section");
	is_none("[1]\n" DATE "media = film.webm\n", "no name");
	is_none("[1]\nname = x\nmedia = film.webm\n", "no date");
	is_none("[1]\nname = x\n" DATE, "neither");
	is_none("[1]\nname = x\n" DATE "data = x.mjr\n", "neither");
	g_autofree char *long_name = g_strnfill(NFO_MAX, 'x');
	g_autofree char *long_text = g_strdup_printf("[1]\n" FILM "; %s\n", long_name);
	is_none(long_text, "too long");
}

/* Of two files the one may be there though nothing has come for it. */
static void codecs_tell_what_is_in_the_files(void **state)
{
	(void)state;
	struct entry e = entry_of("[1]\n" FILM "audio_codec = opus\n");
	assert_true(e.is_audio && !e.is_video);
	e = entry_of("[1]\nname = x\n" DATE "audio = a\nvideo = v\nvideo_codec = vp8\n");
	assert_true(!e.is_audio && e.is_video);
	e = entry_of("[1]\nname = x\n" DATE "audio = a\nvideo = v\n");
	assert_true(e.is_audio && e.is_video);
}

static void no_path_leaves_the_folder(void **state)
{
	(void)state;
	const char *const paths[] = { "../x", "a/../x", "a/..", "..", ".", "/etc/passwd", "//x",
		"a//x", "a/", ".hidden", "a/.hidden/x", "" };
	const char *const names[] = { "media", "audio", "video", "data" };
	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++)
		for (size_t k = 0; k < G_N_ELEMENTS(names); k++) {
			g_autofree char *text =
				g_strdup_printf("[1]\n" FILM "%s = %s\n", names[k], paths[i]);
			is_none(text, "a line");
		}
	g_autofree char *fits = g_strnfill(ENTRY_NAME, 'x');
	g_autofree char *is_long = g_strnfill(ENTRY_NAME + 1, 'x');
	assert_true(entry_is_path(fits));
	assert_false(entry_is_path(is_long));
	/* what a line of the file could not tell */
	assert_false(entry_is_path("a\nb"));
	assert_false(entry_is_path(" a"));
	assert_true(entry_is_path("a b/c.d"));
}

static void a_recording_has_so_many_files(void **state)
{
	(void)state;
	GString *text = g_string_new("[1]\n" FILM);
	for (unsigned i = 1; i < ENTRY_FILES; i++)
		g_string_append_printf(text, "media = film-%u.webm\n", i + 1);
	struct entry e = entry_of(text->str);
	assert_int_equal(e.n_media, ENTRY_FILES);
	assert_string_equal(e.media[ENTRY_FILES - 1], "film-16.webm");
	g_string_append(text, "media = one-more.webm\n");
	is_none(text->str, "a line");
	g_string_free(text, TRUE);
}

static struct entry again(const struct entry *e)
{
	char text[NFO_MAX];
	entry_print(e, text);
	return entry_of(text);
}

static void what_is_printed_is_read_again(void **state)
{
	(void)state;
	struct entry e = { .id = 5,
		.name = "Grüße = 録画\r\n[6]\nprivate = true",
		.date = "2026-11-23 15:20:55",
		.audio_codec = "opus",
		.video_codec = "vp8",
		.secret = "a = b ; c # d",
		.has_red = true,
		.media = { "sub/film.webm", "sub/film-2.webm" },
		.n_media = 2,
		.messages = { "sub/film.jsonl", "sub/film.vtt" },
		.n_messages = 2,
		.duration_ms = 12345,
		.bytes = 1ULL << 40 };
	struct entry r = again(&e);
	assert_string_equal(r.name, "Grüße = 録画  [6] private = true");
	assert_true(r.id == 5 && r.n_media == 2 && r.has_red && !r.is_private);
	assert_string_equal(r.media[1], "sub/film-2.webm");
	assert_string_equal(r.messages[1], "sub/film.vtt");
	assert_string_equal(r.secret, e.secret);
	assert_string_equal(r.audio_codec, "opus");
	assert_string_equal(r.video_codec, "vp8");
	assert_true(r.duration_ms == 12345 && r.bytes == 1ULL << 40);
	assert_true(r.is_audio && r.is_video && r.is_data);
	e.audio_codec[0] = '\0';
	e.n_messages = 0;
	r = again(&e);
	assert_true(!r.is_audio && r.is_video && !r.is_data);
}

static void the_longest_fits(void **state)
{
	(void)state;
	struct entry e = { .id = INT64_MAX, .n_media = ENTRY_FILES, .n_messages = ENTRY_MESSAGES };
	memset(e.name, 'n', ENTRY_NAME);
	memset(e.secret, 's', ENTRY_NAME);
	memset(e.date, 'd', sizeof e.date - 1);
	memset(e.audio_codec, 'a', sizeof e.audio_codec - 1);
	memset(e.video_codec, 'v', sizeof e.video_codec - 1);
	for (unsigned i = 0; i < ENTRY_FILES; i++)
		memset(e.media[i], 'm', ENTRY_NAME);
	for (unsigned i = 0; i < ENTRY_MESSAGES; i++)
		memset(e.messages[i], 'm', ENTRY_NAME);
	memset(e.audio, 'a', ENTRY_NAME - 4);
	memcpy(e.video, e.audio, sizeof e.audio);
	memcpy(e.data, e.audio, sizeof e.audio);
	e.duration_ms = INT64_MAX;
	e.bytes = INT64_MAX;
	struct entry r = again(&e);
	assert_true(r.bytes == INT64_MAX && r.duration_ms == INT64_MAX);
	assert_string_equal(r.media[ENTRY_FILES - 1], e.media[0]);
}

static void figures_that_cannot_be_are_not_shown(void **state)
{
	(void)state;
	struct entry e = entry_of("[1]\n" FILM "bytes = 18446744073709551615\nduration_ms = -5\n");
	json_t *j = entry_json(&e);
	assert_null(json_object_get(j, "duration_ms"));
	assert_null(json_object_get(j, "bytes"));
	assert_true(json_is_false(json_object_get(j, "data")));
	assert_true(json_is_true(json_object_get(j, "is_private")));
	json_decref(j);
}

static void a_date_is_told_for_readers_in_other_zones(void **state)
{
	(void)state;
	setenv("TZ", "CET-1", 1);
	tzset();
	struct entry e = entry_of("[1]\n" FILM);
	json_t *j = entry_json(&e);
	assert_int_equal(json_integer_value(json_object_get(j, "date_unix")), 1795443655);
	json_decref(j);
	strcpy(e.date, "yesterday");
	j = entry_json(&e);
	assert_null(json_object_get(j, "date_unix"));
	json_decref(j);
	unsetenv("TZ");
	tzset();
}

/* ---- the folder ---- */

static int begin_in_folder(void **state)
{
	char set[128];
	const char *const sets[] = { set, "cardea:recordings.min_free_space=0", NULL };
	(void)state;
	strcpy(dir, "/tmp/cardea-recordplay-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(set, sizeof set, "cardea:recordings.folder=%s", dir);
	begin_with(sets);
	assert_null(library_start(dir));
	return 0;
}

static int finish_in_folder(void **state)
{
	char command[128];
	library_stop();
	int failed = finish(state);
	snprintf(command, sizeof command, "rm -r %s", dir);
	return system(command) || failed;
}

static const char *path_of(const char *file)
{
	static char path[2][256];
	static unsigned n;
	char *at = path[n++ % 2];
	snprintf(at, sizeof path[0], "%s/%s", dir, file);
	return at;
}

static void put(const char *file, const char *text)
{
	assert_true(g_file_set_contents(path_of(file), text, -1, NULL));
}

static bool is_there(const char *file)
{
	return !access(path_of(file), F_OK);
}

/* @param names "a,b": of all that is listed, in this order */
static void lists(bool all, const char *names)
{
	g_autofree char *found = NULL;
	char *text = library_text(all);
	g_autofree char *bracketed = g_strdup_printf("[%s]", text);
	json_t *list = json_loads(bracketed, 0, NULL), *j;
	GString *told = g_string_new(NULL);
	size_t i;
	free(text);
	json_array_foreach(list, i, j)
		g_string_append_printf(
			told, "%s%s", i ? "," : "", json_string_value(json_object_get(j, "name")));
	found = g_string_free(told, FALSE);
	assert_string_equal(found, names);
	json_decref(list);
}

static void the_list_is_oldest_first(void **state)
{
	(void)state;
	put("2.nfo",
		"[2]\nname = later\ndate = 2026-02-01 00:00:00\nprivate = no\nmedia = a.webm\n");
	put("x.nfo", "[9]\nname = old\ndate = 2025-02-01 00:00:00\nprivate = no\nmedia = b.webm\n");
	put("3.nfo",
		"[3]\nname = secret\ndate = 2024-02-01 00:00:00\nprivate = yes\nmedia = b.webm\n");
	put("1.nfo",
		"[1]\nname = same day\ndate = 2026-02-01 00:00:00\nprivate = no\nmedia = b.webm\n");
	lists(true, "");
	library_update();
	lists(false, "old,same day,later");
	lists(true, "secret,old,same day,later");
	assert_string_equal(library_find(9)->name, "old");
	assert_null(library_find(4));
}

static void what_is_no_file_of_a_recording_is_left_out(void **state)
{
	(void)state;
	put("outside", "[1]\n" FILM);
	assert_int_equal(symlink(path_of("outside"), path_of("1.nfo")), 0);
	assert_int_equal(mkfifo(path_of("2.nfo"), 0600), 0);
	assert_int_equal(mkdir(path_of("3.nfo"), 0700), 0);
	put(".4.nfo", "[4]\n" FILM);
	put("5.nfo", "[5]\n" FILM "[6]\n");
	static const char with_nul[] = "[7]\n" FILM "\0x";
	assert_true(g_file_set_contents(path_of("7.nfo"), with_nul, sizeof with_nul, NULL));
	g_autofree char *spaces = g_strnfill(NFO_MAX, ' ');
	g_autofree char *is_long = g_strdup_printf("[8]\n" FILM "%s", spaces);
	put("8.nfo", is_long);
	put("9.nfo", "[9]\n" FILM);
	library_update();
	lists(true, "A film");
	assert_non_null(library_find(9));
	assert_true(is_there("5.nfo") && is_there("8.nfo"));
}

static void of_two_with_a_number_one_is_there(void **state)
{
	(void)state;
	put("a.nfo", "[1]\n" FILM);
	library_update();
	put("b.nfo", "[1]\nname = Other\n" DATE "media = other.webm\n");
	library_update();
	library_update();
	lists(true, "A film");
	assert_int_equal(unlink(path_of("a.nfo")), 0);
	library_update();
	library_update();
	lists(true, "Other");
}

static void touch(const char *file, time_t when)
{
	const struct timespec times[2] = { { .tv_sec = when }, { .tv_sec = when } };
	assert_int_equal(utimensat(AT_FDCWD, path_of(file), times, 0), 0);
}

static void update_sees_what_has_changed(void **state)
{
	(void)state;
	put("1.nfo", "[1]\n" FILM);
	put("2.nfo", "[2]\nname = Other\n" DATE "media = other.webm\n");
	touch("1.nfo", 1000);
	library_update();
	lists(true, "A film,Other");
	put("1.nfo", "[1]\nname = Renamed\n" DATE "media = film.webm\n");
	touch("1.nfo", 2000);
	assert_int_equal(unlink(path_of("2.nfo")), 0);
	library_update();
	lists(true, "Renamed");
	assert_null(library_find(2));
	put("1.nfo", "it is none any more");
	touch("1.nfo", 3000);
	library_update();
	lists(true, "");
	assert_null(library_find(1));
}

static void a_large_folder_is_not_read_for_each_who_asks(void **state)
{
	(void)state;
	for (unsigned i = 1; i <= 1000; i++) {
		g_autofree char *file = g_strdup_printf("%u.nfo", i);
		g_autofree char *text = g_strdup_printf("[%u]\n" FILM, i);
		put(file, text);
	}
	library_refresh();
	assert_non_null(library_find(1000));
	put("1001.nfo", "[1001]\n" FILM);
	library_refresh();
	assert_null(library_find(1001));
	for (unsigned s = 0; !library_find(1001); s++) { /* but soon */
		assert_in_range(s, 0, 600);
		pass(1);
	}
}

static struct entry film(uint64_t id)
{
	struct entry e = { .id = id,
		.name = "Film",
		.date = "2026-11-23 15:20:55",
		.media = { "film.webm" },
		.n_media = 1,
		.messages = { "film.jsonl", "film.vtt" },
		.n_messages = 2 };
	return e;
}

static void await_file(const char *file)
{
	UNTIL(is_there(file));
}

static void what_is_being_made_is_kept_and_not_shown(void **state)
{
	(void)state;
	struct entry e = film(5);
	library_begin(&e);
	library_update();
	await_file("5.nfo"); /* so that it is found after a crash */
	library_update();
	lists(true, "");
	assert_null(library_find(5));
	assert_false(library_remove(5));
	assert_true(is_there("5.nfo"));
	assert_true(library_new_id() != 5);
	e.duration_ms = 1000;
	library_add(&e);
	lists(true, "Film");
	assert_true(library_find(5)->duration_ms == 1000);
	library_update(); /* whether it is written yet or not */
	lists(true, "Film");
}

static void what_is_removed_takes_its_files_along(void **state)
{
	static const char *const own[] = { "5.nfo", "film.webm", "film.jsonl", "film.vtt",
		"a-audio.mjr", "a-video.mjr", "a-data.mjr", "film.webm.part" };
	static const char *const others[] = { "film-2.webm", "film-2.webm.part", "film", "6.nfo" };
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(own); i++)
		put(own[i], "x");
	for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
		put(others[i], "x");
	put("5.nfo", "[5]\n" FILM "messages = film.jsonl\nmessages = film.vtt\naudio = a-audio\n"
		     "video = a-video\ndata = a-data\n");
	put("6.nfo", "[6]\nname = Other\n" DATE "media = film-2.webm\n");
	library_update();
	lists(true, "A film,Other");
	assert_true(library_remove(5));
	assert_false(library_remove(5));
	lists(true, "Other");
	for (size_t i = 0; i < G_N_ELEMENTS(own); i++)
		assert_false(is_there(own[i]));
	for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
		assert_true(is_there(others[i]));
	library_update();
	lists(true, "Other");
}

static void write_mark(const char *file)
{
	struct cardea_error e;
	assert_true(cardea_record_text(dir, file, "x", 1, &e));
}

/* What is said to be written is written later: a text that comes after all of it tells that it is.
 */
static void what_is_removed_is_not_written_again(void **state)
{
	struct entry e = film(5);
	(void)state;
	library_add(&e);
	assert_true(library_remove(5));
	library_update();
	write_mark("mark");
	await_file("mark");
	assert_false(is_there("5.nfo"));
	library_update();
	lists(true, "");
}

/* Somebody puts one there, when all is over. */
static void look_at_one_put_there(void)
{
	turn();
	put("5.nfo", "[5]\n" FILM);
	library_update();
}

static void what_comes_back_for_a_moment_is_not_shown(void **state)
{
	struct entry e = film(5);
	(void)state;
	library_add(&e);
	assert_true(library_remove(5));
	put("5.nfo", "[5]\n" FILM); /* as the recorder's thread would, which is late */
	library_update();
	lists(true, "");
	UNTIL_DOING(library_find(5), look_at_one_put_there());
	lists(true, "A film");
}

static void a_number_that_was_removed_is_free_again(void **state)
{
	struct entry e = film(5);
	(void)state;
	library_add(&e);
	assert_true(library_remove(5));
	library_add(&e);
	write_mark("mark");
	await_file("mark");
	assert_true(is_there("5.nfo"));
	turn();
	library_update();
	lists(true, "Film");
}

static void a_folder_that_cannot_be_is_refused(void **state)
{
	(void)state;
	library_stop();
	put("file", "x");
	assert_non_null(strstr(library_start(path_of("file")), "cannot be used"));
	assert_non_null(strstr(library_start(""), "no folder"));
	assert_null(library_start(dir));
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, begin_in_folder, finish_in_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_of_the_specification_is_read),
		cmocka_unit_test(files_of_other_servers_are_read),
		cmocka_unit_test(what_is_no_recording_is_refused),
		cmocka_unit_test(codecs_tell_what_is_in_the_files),
		cmocka_unit_test(no_path_leaves_the_folder),
		cmocka_unit_test(a_recording_has_so_many_files),
		cmocka_unit_test(what_is_printed_is_read_again),
		cmocka_unit_test(the_longest_fits),
		cmocka_unit_test(figures_that_cannot_be_are_not_shown),
		cmocka_unit_test(a_date_is_told_for_readers_in_other_zones),
		IN_FOLDER(the_list_is_oldest_first),
		IN_FOLDER(what_is_no_file_of_a_recording_is_left_out),
		IN_FOLDER(of_two_with_a_number_one_is_there),
		IN_FOLDER(update_sees_what_has_changed),
		IN_FOLDER(a_large_folder_is_not_read_for_each_who_asks),
		IN_FOLDER(what_is_being_made_is_kept_and_not_shown),
		IN_FOLDER(what_is_removed_takes_its_files_along),
		IN_FOLDER(what_is_removed_is_not_written_again),
		IN_FOLDER(what_comes_back_for_a_moment_is_not_shown),
		IN_FOLDER(a_number_that_was_removed_is_free_again),
		IN_FOLDER(a_folder_that_cannot_be_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
