/* SPDX-License-Identifier: Apache-2.0 */
/* What a film is made by: the index of a room's recording, the command line, who is in the picture
 * when, and where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "../../tools/cardea-rec/compose/film_options.h"
#include "../../tools/cardea-rec/compose/film_scene.h"

#define S INT64_C(1000000)

static char why[512];

static bool read_index(struct film_index *x, const char *text)
{
	*why = 0;
	return film_index_read(x, text, strlen(text), why, sizeof why);
}

/* ---- the index ---- */

static void index_is_read(void **state)
{
	struct film_index x;
	(void)state;
	assert_true(read_index(&x,
		"{\"version\":1,\"title\":\"T\",\"began_us\":5,\"new\":{},\"participants\":["
		"{\"id\":7,\"display\":\"Ann\",\"joined_ms\":0,\"left_ms\":9000,\"files\":["
		"{\"file\":\"a/b.webm\",\"kinds\":[\"audio\",\"camera\"],\"offset_ms\":142},"
		"{\"file\":\"s.webm\",\"kinds\":[\"screen\"],\"offset_ms\":2000},"
		"{\"file\":\"a.jsonl\",\"kinds\":[\"data\"],\"offset_ms\":0}]},"
		"{\"id\":\"x\",\"joined_ms\":1,\"files\":[]}],\"speakers\":["
		"{\"at_ms\":10,\"id\":7,\"talks\":true},{\"at_ms\":20,\"id\":99,\"talks\":true},"
		"{\"at_ms\":30,\"id\":7,\"talks\":false}]}"));
	assert_string_equal(x.title, "T");
	assert_int_equal(x.n_people, 2);
	assert_string_equal(x.people[0].name, "Ann");
	assert_string_equal(x.people[1].name, "x");
	assert_int_equal(x.people[0].until_us, 9 * S);
	assert_int_equal(x.people[1].until_us, FILM_NOT_TOLD);
	assert_int_equal(x.n_files, 2);
	assert_int_equal(x.files[0].at_us, 142000);
	assert_false(x.files[0].is_screen);
	assert_true(x.files[1].is_screen);
	assert_int_equal(x.n_turns, 2);
	assert_false(x.turns[1].talks);
	film_index_free(&x);
}

/* A file with one person, who has one file with these members. */
static bool read_with_file(const char *members)
{
	struct film_index x;
	char text[512];
	snprintf(text, sizeof text,
		"{\"version\":1,\"participants\":[{\"id\":1,\"files\":[{\"kinds\":[\"camera\"],%s}]"
		"}]}",
		members);
	bool good = read_index(&x, text);
	if (good)
		film_index_free(&x);
	return good;
}

static void what_is_wrong_is_told(void **state)
{
	static const struct {
		const char *text, *why;
	} wrong[] = {
		{ "", "not JSON" },
		{ "{\"version\":1", "not JSON" },
		{ "[]", "no index" },
		{ "{\"participants\":[]}", "no index" },
		{ "{\"version\":2,\"participants\":[]}", "version 2" },
		{ "{\"version\":1,\"participants\":[{}]}", "participants[0] has no id" },
		{ "{\"version\":1,\"participants\":[{\"id\":1,\"joined_ms\":-1}]}", "no time" },
		{ "{\"version\":1,\"participants\":[{\"id\":1,\"left_ms\":1e300}]}", "no time" },
		{ "{\"version\":1,\"participants\":[],\"speakers\":[{\"id\":1}]}", "at_ms" },
		{ "{\"version\":1,\"participants\":[],\"speakers\":[{\"at_ms\":\"x\"}]}", "at_ms" },
		{ "{\"version\":1,\"participants\":[{\"id\":1}],\"speakers\":[{\"at_ms\":9,"
		  "\"id\":1},{\"at_ms\":8,\"id\":1}]}",
			"speakers[1] is earlier" },
	};
	struct film_index x;
	(void)state;
	for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_false(read_index(&x, wrong[i].text));
		assert_non_null(strstr(why, wrong[i].why));
	}
}

static void files_stay_in_the_folder(void **state)
{
	(void)state;
	assert_true(read_with_file("\"file\":\"a/..b.webm\",\"offset_ms\":0"));
	assert_false(read_with_file("\"file\":\"../b.webm\",\"offset_ms\":0"));
	assert_non_null(strstr(why, "not in the folder"));
	assert_false(read_with_file("\"file\":\"a/../../b.webm\",\"offset_ms\":0"));
	assert_false(read_with_file("\"file\":\"/etc/passwd\",\"offset_ms\":0"));
	assert_false(read_with_file("\"file\":\"\",\"offset_ms\":0"));
	assert_false(read_with_file("\"file\":7,\"offset_ms\":0"));
	assert_false(read_with_file("\"file\":\"b.webm\""));
	assert_false(read_with_file("\"file\":\"b.webm\",\"offset_ms\":604800001"));
	assert_false(read_with_file("\"file\":\"b.webm\",\"offset_ms\":-1"));
}

/* ---- the command line ---- */

static void times_are_read(void **state)
{
	int64_t us;
	(void)state;
	assert_true(film_options_time("90", &us));
	assert_int_equal(us, 90 * S);
	assert_true(film_options_time("1:30", &us));
	assert_int_equal(us, 90 * S);
	assert_true(film_options_time("1:02:03.5", &us));
	assert_int_equal(us, 3723500000);
	static const char *const wrong[] = { "", "x", "1:60", "-1", "1:2:3:4", "1.5:00", "1e3",
		"99999999999", "nan", "1:", "1..2" };
	for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_false(film_options_time(wrong[i], &us));
}

static bool read_options(struct options o)
{
	static const char *const files[] = { "room.json" };
	struct film_options f;
	o.files = files;
	o.n_files = 1;
	return film_options_read(&f, &o, why, sizeof why);
}

static void options_have_bounds(void **state)
{
	(void)state;
	assert_true(read_options((struct options){ .out = "f.mp4", .size = "640x360" }));
	assert_true(read_options((struct options){ .out = "f.WebM", .from = "1", .to = "2" }));
	assert_false(read_options((struct options){ .size = "640x360" }));
	assert_false(read_options((struct options){ .out = "f.avi" }));
	static const char *const sizes[] = { "641x360", "x", "9999x9999", "64x64", "640", "640x",
		"640x360x", "99999999999999x2", "-640x360" };
	for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++)
		assert_false(read_options((struct options){ .out = "f.mp4", .size = sizes[i] }));
	assert_false(read_options((struct options){ .out = "f.mp4", .rate = "60" }));
	assert_false(read_options((struct options){ .out = "f.mp4", .layout = "x" }));
	assert_false(read_options((struct options){ .out = "f.mp4", .from = "2", .to = "1" }));
}

/* ---- the layout ---- */

static void assert_box(struct film_box b, int x, int y, int w, int h)
{
	assert_int_equal(b.x, x);
	assert_int_equal(b.y, y);
	assert_int_equal(b.w, w);
	assert_int_equal(b.h, h);
}

static void tiles_are_in_rows(void **state)
{
	(void)state;
	assert_box(film_layout_grid(1280, 720, 1, 0), 0, 0, 1280, 720);
	assert_box(film_layout_grid(1280, 720, 2, 1), 644, 4, 632, 712);
	assert_box(film_layout_grid(1280, 720, 3, 2), 324, 364, 632, 352);
	assert_box(film_layout_grid(1280, 720, 4, 3), 644, 364, 632, 352);
	assert_box(film_layout_strip(1280, 720, 3, 0), 4, 4, 1016, 712);
	assert_box(film_layout_strip(1280, 720, 3, 1), 1028, 220, 248, 136);
}

static void tiles_lie_in_the_picture_and_are_even(void **state)
{
	(void)state;
	for (int w = 128; w <= 1300; w += 34)
		for (unsigned n = 1; n <= FILM_TILES; n++)
			for (unsigned i = 0; i < n; i++) {
				struct film_box t = film_layout_grid(w, 128, n, i);
				struct film_box b = film_layout_fit(t, 9, 16);
				assert_true(t.x >= 0 && t.y >= 0 && t.w > 0 && t.h > 0);
				assert_true(t.x + t.w <= w && t.y + t.h <= 128);
				assert_true(b.x >= t.x && b.x + b.w <= t.x + t.w);
				assert_true(b.y >= t.y && b.y + b.h <= t.y + t.h);
				assert_int_equal((b.x | b.y | b.w | b.h | t.x | t.y) & 1, 0);
			}
}

static void pictures_keep_their_shape(void **state)
{
	struct film_box in = { 100, 50, 640, 640 };
	(void)state;
	assert_box(film_layout_fit(in, 1280, 720), 100, 190, 640, 360);
	assert_box(film_layout_fit(in, 720, 1280), 240, 50, 360, 640);
	assert_box(film_layout_fit(in, 1 << 30, 1), 100, 368, 640, 2);
}

/* ---- scenes ---- */

/* Ann 0…10 s with a camera, Bob 2…8 s with a camera and a screen from 4 to 6 s, Cid 3…10 s with
 * sound alone. */
static struct film_plan plan;
static struct film_person people[] = {
	{ .name = (char[]){ "Ann" }, .from_us = 0, .until_us = 10 * S },
	{ .name = (char[]){ "Bob" }, .from_us = 2 * S, .until_us = 8 * S },
	{ .name = (char[]){ "Cid" }, .from_us = 3 * S, .until_us = 10 * S },
};
static const struct film_clip clips[] = {
	{ .person = 0, .has_picture = true, .from_us = 0, .until_us = 10 * S },
	{ .person = 1, .has_picture = true, .from_us = 2 * S, .until_us = 8 * S },
	{ .person = 2, .has_sound = true, .from_us = 3 * S, .until_us = 10 * S },
	{ .person = 1,
		.has_picture = true,
		.is_screen = true,
		.from_us = 4 * S,
		.until_us = 6 * S },
};
static const struct film_speaker speakers[] = { { 1 * S, 0 }, { 7 * S, 2 } };
static const struct film_view grid = { 1280, 720, false }, speaker = { 1280, 720, true };

static int set_up(void **state)
{
	(void)state;
	plan.index.people = people;
	plan.index.n_people = 3;
	plan.clips = g_array_new(FALSE, FALSE, sizeof *clips);
	plan.speakers = g_array_new(FALSE, FALSE, sizeof *speakers);
	g_array_append_vals(plan.clips, clips, 4);
	g_array_append_vals(plan.speakers, speakers, 2);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	g_array_free(plan.clips, TRUE);
	g_array_free(plan.speakers, TRUE);
	return 0;
}

static void tiles_come_and_go(void **state)
{
	struct film_scene s;
	(void)state;
	film_scene_at(&s, &plan, &grid, 500000);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.until_us, 1 * S);
	film_scene_at(&s, &plan, &grid, 2 * S);
	assert_int_equal(s.n, 2);
	assert_true(s.tiles[0].is_speaker);
	film_scene_at(&s, &plan, &grid, 3 * S);
	assert_int_equal(s.n, 3);
	assert_int_equal(s.tiles[2].clip, -1);
	assert_int_equal(s.until_us, 4 * S);
	film_scene_at(&s, &plan, &grid, 8 * S);
	assert_int_equal(s.n, 2);
	assert_true(s.tiles[1].is_speaker);
}

static void a_screen_is_large(void **state)
{
	struct film_scene s;
	(void)state;
	film_scene_at(&s, &plan, &grid, 4 * S);
	assert_int_equal(s.n, 4);
	assert_true(s.tiles[0].is_screen);
	assert_int_equal(s.tiles[0].box.w, 1016);
	assert_int_equal(s.tiles[2].person, 1);
	assert_int_equal(s.tiles[2].clip, 1);
}

static void the_speaker_is_large(void **state)
{
	struct film_scene s;
	(void)state;
	film_scene_at(&s, &plan, &speaker, 3 * S);
	assert_int_equal(s.n, 3);
	assert_int_equal(s.tiles[0].person, 0);
	film_scene_at(&s, &plan, &speaker, 7 * S);
	assert_int_equal(s.n, 3);
	assert_int_equal(s.tiles[0].person, 2);
	assert_int_equal(s.tiles[1].person, 0);
}

static void of_many_the_speaker_is_seen(void **state)
{
	struct film_person many[40];
	struct film_scene s;
	const struct film_speaker last = { 0, 39 };
	(void)state;
	for (unsigned i = 0; i < 40; i++)
		many[i] = (struct film_person){ .name = (char[]){ "x" }, .until_us = 10 * S };
	plan.index.people = many;
	plan.index.n_people = 40;
	g_array_set_size(plan.speakers, 0);
	g_array_append_val(plan.speakers, last);
	film_scene_at(&s, &plan, &grid, 9 * S);
	assert_int_equal(s.n, FILM_TILES);
	assert_int_equal(s.unseen, 40 - FILM_TILES);
	assert_int_equal(s.tiles[FILM_TILES - 1].person, 39);
	film_scene_at(&s, &plan, &speaker, 9 * S);
	assert_int_equal(s.n, FILM_STRIP + 1);
	assert_int_equal(s.tiles[0].person, 39);
	for (unsigned i = 1; i < s.n; i++)
		assert_int_not_equal(s.tiles[i].person, 39);
}

#define scene_test(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(index_is_read),
		cmocka_unit_test(what_is_wrong_is_told),
		cmocka_unit_test(files_stay_in_the_folder),
		cmocka_unit_test(times_are_read),
		cmocka_unit_test(options_have_bounds),
		cmocka_unit_test(tiles_are_in_rows),
		cmocka_unit_test(tiles_lie_in_the_picture_and_are_even),
		cmocka_unit_test(pictures_keep_their_shape),
		scene_test(tiles_come_and_go),
		scene_test(a_screen_is_large),
		scene_test(the_speaker_is_large),
		scene_test(of_many_the_speaker_is_seen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
