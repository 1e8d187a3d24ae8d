/* SPDX-License-Identifier: Apache-2.0 */
/* The index of a room's recording, whatever floods it: it stays within bounds, and is one that a
 * film is made by. The recorder's thread writes it. */
#include <sys/stat.h>
#include <unistd.h>
#include "../../plugins/videoroom/room_index.h"
#include "../../tools/cardea-rec/compose/film_index.h"
#include "control_world.h"
#include "until.h"

#define FLOOD    30000
#define MB       1000000
#define MOST     (6 * MB) /* with names as long as they may be */
#define IS_IN(s) strstr(text, s)

static char dir[64];
static char *text; /* of the index, as it was read last */

static int begin_in_folder(void **state)
{
	char set[128];
	const char *const sets[] = { set, "cardea:recordings.min_free_space=0", NULL };
	(void)state;
	strcpy(dir, "/tmp/cardea-index-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(set, sizeof set, "cardea:recordings.folder=%s", dir);
	begin_with(sets);
	return 0;
}

static int finish_in_folder(void **state)
{
	char command[128];
	int failed = finish(state);
	g_clear_pointer(&text, g_free);
	snprintf(command, sizeof command, "rm -r %s", dir);
	return system(command) || failed;
}

/* All that was given to be written is. */
static void await_disk(void)
{
	static unsigned n;
	struct cardea_error e;
	g_autofree char *mark = g_strdup_printf("mark-%u", n++);
	g_autofree char *path = g_build_filename(dir, mark, NULL);
	assert_true(cardea_record_text(NULL, mark, "x", 1, &e));
	UNTIL_DOING(!access(path, F_OK), turn());
}

static void read_index(void)
{
	g_autoptr(GDir) d = g_dir_open(dir, 0, NULL);
	const char *name;
	await_disk();
	while ((name = g_dir_read_name(d)) && !g_str_has_prefix(name, "room-"))
		;
	assert_non_null(name);
	g_autofree char *path = g_build_filename(dir, name, NULL);
	g_clear_pointer(&text, g_free);
	assert_true(g_file_get_contents(path, &text, NULL, NULL));
}

static struct room_index *new_index(void)
{
	json_t *room = json_integer(5);
	struct room_index *x = room_index_new(dir, "5", room, "A room");
	json_decref(room);
	return x;
}

/* Somebody comes with two files, talks, and leaves. @return the entry, NULL: there is no room */
static json_t *visit(struct room_index *x, unsigned n)
{
	json_t *id = json_integer(n), *entry;
	g_autofree char *display = g_strnfill(200, 'x');
	if ((entry = room_index_join(x, id, display, false))) {
		for (unsigned i = 0; i < 2; i++) {
			g_autofree char *path = g_strdup_printf("%s/user-%u-%u.webm", dir, n, i);
			const struct room_index_file f = { .path = path,
				.began_us = g_get_real_time(),
				.kinds = 1u << CARDEA_VIDEO };
			room_index_file(x, entry, &f);
		}
		room_index_leave(x, entry);
	}
	for (unsigned i = 0; i < 2; i++)
		room_index_speaks(x, id, !i);
	json_decref(id);
	return entry;
}

static void a_flood_leaves_an_index_that_can_be_read(void **state)
{
	struct room_index *x = new_index();
	struct film_index film;
	char why[256] = "";
	(void)state;
	for (unsigned i = 0; i < FLOOD; i++) {
		json_decref(visit(x, i));
		if (i % 100 == 0)
			pass(1);
	}
	room_index_end(x);
	room_index_unref(x);
	read_index();
	assert_in_range(strlen(text), MB, MOST);
	assert_non_null(IS_IN("\"incomplete\": true"));
	if (!film_index_read(&film, text, strlen(text), why, sizeof why))
		fail_msg("%s", why);
	assert_true(film.is_incomplete);
	assert_int_equal(film.n_people, 2000);
	assert_int_equal(film.n_files, 2000);
	assert_in_range(film.n_turns, 1000, 10000);
	film_index_free(&film);
}

static void a_small_one_is_written_each_second(void **state)
{
	struct room_index *x = new_index();
	json_t *entry = visit(x, 1);
	(void)state;
	pass(1.5);
	read_index();
	assert_non_null(IS_IN("user-1-1"));
	room_index_rename(x, entry, "Ann");
	pass(1.5);
	read_index();
	assert_non_null(IS_IN("Ann"));
	json_decref(entry);
	room_index_unref(x);
}

static void a_large_one_is_written_less_often(void **state)
{
	struct room_index *x = new_index();
	json_t *entry = visit(x, 1);
	(void)state;
	for (unsigned i = 2; i < 2000; i++)
		json_decref(visit(x, i));
	pass(20);
	room_index_rename(x, entry, "Ann");
	read_index();
	assert_non_null(IS_IN("Ann")); /* after a rest at once */
	room_index_rename(x, entry, "Bob");
	pass(2);
	read_index();
	assert_null(IS_IN("Bob"));
	pass(20);
	read_index();
	assert_non_null(IS_IN("Bob"));
	room_index_rename(x, entry, "Cid");
	json_decref(entry);
	room_index_unref(x); /* and at its end */
	read_index();
	assert_non_null(IS_IN("Cid"));
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, begin_in_folder, finish_in_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(a_flood_leaves_an_index_that_can_be_read),
		IN_FOLDER(a_small_one_is_written_each_second),
		IN_FOLDER(a_large_one_is_written_less_often),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
