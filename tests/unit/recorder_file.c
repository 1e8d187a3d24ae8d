/* SPDX-License-Identifier: Apache-2.0 */
/* A file that has its name only when it is whole, on a disk that may be full. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../core/recorder/file.h"

static char dir[64], path[512], why[1024];

static const char *at(const char *name)
{
	snprintf(path, sizeof path, "%s/%s", dir, name);
	return path;
}

static bool is_there(const char *name)
{
	struct stat s;
	return !lstat(at(name), &s);
}

static int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/cardea-file-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[128];
	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", dir);
	return system(command);
}

static struct rec_file *open_new(const char *name)
{
	*why = 0;
	return rec_file_new(&rec_disk_real, NULL, at(name), why, sizeof why);
}

static void a_file_is_part_until_it_is_whole(void **state)
{
	struct rec_file *f = open_new("a/b/film");
	struct stat s;
	(void)state;
	assert_non_null(f);
	assert_int_equal(rec_file_write(f, "hello", 5), OK);
	assert_false(is_there("a/b/film"));
	assert_true(is_there("a/b/film.part"));
	assert_int_equal(rec_file_end(f, true), OK);
	assert_false(is_there("a/b/film.part"));
	assert_int_equal(stat(at("a/b/film"), &s), 0);
	assert_int_equal(s.st_size, 5);
	assert_int_equal(s.st_mode & 07777 & ~0640, 0);
	assert_int_equal(stat(at("a"), &s), 0);
	assert_int_equal(s.st_mode & 0022, 0);
}

static void what_is_not_kept_stays_as_part(void **state)
{
	struct rec_file *f = open_new("film");
	(void)state;
	assert_int_equal(rec_file_write(f, "hello", 5), OK);
	assert_int_equal(rec_file_end(f, false), OK);
	assert_true(is_there("film.part"));
	f = open_new("empty");
	assert_int_equal(rec_file_end(f, false), OK);
	assert_false(is_there("empty.part"));
}

static void a_place_is_written_over(void **state)
{
	char bytes[8] = "";
	struct rec_file *f = open_new("film");
	(void)state;
	assert_int_equal(rec_file_write(f, "hello", 5), OK);
	assert_int_equal(rec_file_seek(f, 1), OK);
	assert_int_equal(rec_file_write(f, "a", 1), OK);
	assert_int_equal(rec_file_tell(f), 2);
	assert_int_equal(rec_file_size(f), 5);
	assert_int_equal(rec_file_read(f, 0, bytes, sizeof bytes), 5);
	assert_string_equal(bytes, "hallo");
	assert_int_equal(rec_file_tell(f), 2);
	rec_file_end(f, true);
}

static void what_is_there_is_refused(void **state)
{
	struct rec_file *f = open_new("film"), *other;
	(void)state;
	assert_null(open_new("film"));
	assert_non_null(strstr(why, "there already"));
	assert_non_null(strstr(why, path));
	other = rec_file_new_finished(&rec_disk_real, NULL, at("film"), why, sizeof why);
	assert_int_equal(rec_file_end(f, true), OK);
	assert_null(open_new("film"));
	assert_null(rec_file_new_finished(&rec_disk_real, NULL, at("film"), why, sizeof why));
	assert_int_equal(rec_file_write(other, "x", 1), OK);
	assert_int_equal(rec_file_end(other, true), ERR_EXISTS);
	assert_false(is_there("film.new"));
	assert_int_equal(symlink("nowhere", at("link.part")), 0);
	assert_null(open_new("link"));
	assert_int_equal(symlink("nowhere", at("link2")), 0);
	assert_null(open_new("link2"));
	assert_false(is_there("nowhere"));
}

static void what_is_finished_takes_the_place_of_the_part(void **state)
{
	struct rec_file *f = open_new("film");
	(void)state;
	rec_file_write(f, "part", 4);
	rec_file_end(f, false);
	close(open(at("film.new"), O_CREAT | O_WRONLY, 0600)); /* a crash has left it */
	f = rec_file_new_finished(&rec_disk_real, NULL, at("film"), why, sizeof why);
	assert_non_null(f);
	rec_file_write(f, "whole", 5);
	assert_int_equal(rec_file_end(f, false), OK);
	assert_true(is_there("film.part"));
	assert_false(is_there("film.new"));
	f = rec_file_new_finished(&rec_disk_real, NULL, at("film"), why, sizeof why);
	rec_file_write(f, "whole", 5);
	assert_int_equal(rec_file_end(f, true), OK);
	assert_false(is_there("film.part"));
	assert_false(is_there("film.new"));
	assert_true(is_there("film"));
}

static void what_is_removed_while_it_is_finished_stays_away(void **state)
{
	struct rec_file *f = open_new("film");
	(void)state;
	rec_file_write(f, "part", 4);
	rec_file_end(f, false);
	f = rec_file_new_finished(&rec_disk_real, NULL, at("film"), why, sizeof why);
	rec_file_write(f, "whole", 5);
	assert_int_equal(rec_file_remove(at("film")), OK);
	assert_int_equal(rec_file_end(f, true), ERR_NOT_FOUND);
	assert_false(is_there("film") || is_there("film.part") || is_there("film.new"));
	f = rec_file_new_finished(&rec_disk_real, NULL, at("film"), why, sizeof why);
	assert_int_equal(rec_file_end(f, true), OK); /* one that was made of something else */
	assert_true(is_there("film"));
	assert_int_equal(rec_file_remove(at("film")), OK);
	assert_false(is_there("film"));
	assert_int_equal(rec_file_remove(at("film")), OK);
	assert_int_equal(rec_file_remove(at("film/below")), OK);
	assert_int_equal(mkdir(at("folder"), 0755), 0);
	assert_int_equal(rec_file_remove(at("folder")), ERR_IO);
}

static void names_stay_where_they_may(void **state)
{
	char safe[128], name[400];
	const char *const folders[] = { safe, NULL };
	(void)state;
	snprintf(safe, sizeof safe, "%s/safe", dir);
	assert_int_equal(mkdir(safe, 0700), 0);
	assert_int_equal(symlink("safe", at("door")), 0);
	assert_null(open_new("a/../film"));
	assert_null(open_new(".."));
	assert_null(open_new("a/"));
	assert_false(is_there("a.part"));
	memset(name, 'x', 300);
	name[300] = 0;
	assert_null(open_new(name));
	assert_non_null(strstr(why, "name"));
	static const char *const refused[] = { "safe/film", "door/film", "door/new/film",
		"safe/new/film" };
	for (unsigned i = 0; i < 4; i++) {
		assert_null(rec_file_new(&rec_disk_real, folders, at(refused[i]), why, sizeof why));
		assert_false(is_there("safe/new"));
		assert_false(is_there("safe/film.part"));
	}
	assert_null(open_new("door/film/x/../y"));
	rec_file_end(open_new("film"), true); /* and it is not that nothing goes */
	assert_true(is_there("film"));
}

/* ---- a disk that fails ---- */

static int fails_with;

static ssize_t bad_write(int fd, const void *bytes, size_t len)
{
	if (!fails_with)
		return write(fd, bytes, len > 3 ? 3 : len); /* in pieces */
	errno = fails_with;
	return -1;
}

static int bad_sync(int fd)
{
	(void)fd;
	errno = fails_with;
	return fails_with ? -1 : 0;
}

static const struct rec_disk bad = { bad_write, bad_sync };

static void a_full_disk_has_a_reason(void **state)
{
	struct rec_file *f = rec_file_new(&bad, NULL, at("film"), why, sizeof why);
	(void)state;
	fails_with = 0;
	assert_int_equal(rec_file_write(f, "hello", 5), OK);
	assert_int_equal(rec_file_size(f), 5);
	fails_with = ENOSPC;
	assert_null(rec_file_error(f));
	assert_int_equal(rec_file_write(f, "hello", 5), ERR_IO);
	assert_int_equal(errno, ENOSPC);
	assert_non_null(strstr(rec_file_error(f), "full"));
	assert_non_null(strstr(rec_file_error(f), path));
	fails_with = 0;
	assert_int_equal(rec_file_write(f, "hello", 5), ERR_IO); /* nothing behind the hole */
	assert_int_equal(rec_file_end(f, true), ERR_IO);
	assert_true(is_there("film.part"));
	assert_false(is_there("film"));
}

static void it_is_synced_now_and_then(void **state)
{
	struct rec_file *f = rec_file_new(&bad, NULL, at("film"), why, sizeof why);
	(void)state;
	fails_with = 0;
	assert_int_equal(rec_file_sync(f, 1000, 500), OK);
	rec_file_write(f, "x", 1);
	fails_with = EIO;
	assert_int_equal(rec_file_sync(f, 1499, 500), OK);
	assert_int_equal(rec_file_sync(f, 1500, 500), ERR_IO);
	assert_non_null(rec_file_error(f));
	rec_file_end(f, false);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_file_is_part_until_it_is_whole),
		T(what_is_not_kept_stays_as_part),
		T(a_place_is_written_over),
		T(what_is_there_is_refused),
		T(what_is_finished_takes_the_place_of_the_part),
		T(what_is_removed_while_it_is_finished_stays_away),
		T(names_stay_where_they_may),
		T(a_full_disk_has_a_reason),
		T(it_is_synced_now_and_then),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
