/* SPDX-License-Identifier: Apache-2.0 */
/* Folders that are to be written to, looked at before the start (core/base/folder.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../core/base/folder.h"

static char dir[64], path[4200];

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof dir, "/tmp/cardea-folder-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	return rmdir(dir);
}

static void takes_folders_that_are_there_or_can_be(void **state)
{
	(void)state;
	assert_true(folder_can_write(dir));
	snprintf(path, sizeof path, "%s/a/b/", dir);
	assert_true(folder_can_write(path));
	assert_int_equal(access(path, F_OK), -1); /* it makes nothing */
	assert_int_equal(chdir(dir), 0);
	assert_true(folder_can_write("a"));
	assert_true(folder_can_write("a/b"));
	assert_int_equal(chdir("/"), 0);
}

static void refuses_files_and_names_that_are_none(void **state)
{
	char file[80];
	(void)state;
	snprintf(file, sizeof file, "%s/file", dir);
	fclose(fopen(file, "w"));
	assert_int_equal(chmod(file, 0700), 0); /* it could be taken for a folder */
	assert_false(folder_can_write(file));
	assert_int_equal(errno, ENOTDIR);
	snprintf(path, sizeof path, "%s/below", file);
	assert_false(folder_can_write(path));
	assert_int_equal(errno, ENOTDIR);
	unlink(file);
	assert_false(folder_can_write(""));
	assert_int_equal(errno, ENOENT);
	memset(path, 'a', sizeof path - 1);
	path[sizeof path - 1] = 0;
	assert_false(folder_can_write(path));
	assert_int_equal(errno, ENAMETOOLONG);
}

static void refuses_what_only_seems_to_take_folders(void **state)
{
	(void)state;
	assert_false(folder_can_write("/proc"));
	assert_false(folder_can_write("/proc/x/y"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			takes_folders_that_are_there_or_can_be, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
			refuses_files_and_names_that_are_none, make_dir, remove_dir),
		cmocka_unit_test(refuses_what_only_seems_to_take_folders),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
