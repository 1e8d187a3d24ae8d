/* SPDX-License-Identifier: Apache-2.0 */
/* Small files as a whole (core/base/file.c): a reader sees the old one or the new one, never
 * half of it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../core/base/file.h"

static char folder[64], path[128], beside[140];

static int begin(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/cardea-file-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/a", folder);
	snprintf(beside, sizeof beside, "%s.new", path);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	unlink(path);
	rmdir(path);
	unlink(beside);
	return rmdir(folder);
}

static void holds(const char *expected)
{
	char *text;
	size_t len;
	assert_int_equal(file_read(path, 100, &text, &len), OK);
	assert_int_equal(len, strlen(expected));
	assert_string_equal(text, expected);
	free(text);
}

static void replaces_the_whole_file(void **state)
{
	struct stat st;
	(void)state;
	assert_int_equal(file_replace(path, "one and more", 12), OK);
	holds("one and more");
	assert_int_equal(file_replace(path, "two", 3), OK);
	holds("two");
	assert_int_equal(file_replace(path, "", 0), OK);
	holds("");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(access(beside, F_OK), -1);
}

static void takes_no_notice_of_a_write_that_was_cut_short(void **state)
{
	(void)state;
	FILE *f = fopen(beside, "w");
	assert_non_null(f);
	fputs("half", f);
	fclose(f);
	assert_int_equal(file_replace(path, "whole", 5), OK);
	holds("whole");
}

static void says_why_it_failed_and_leaves_nothing(void **state)
{
	(void)state;
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(file_replace(path, "x", 1), ERR_IO);
	assert_int_equal(errno, EISDIR);
	assert_int_equal(access(beside, F_OK), -1);
	assert_int_equal(file_replace("/nowhere/at/all", "x", 1), ERR_IO);
	assert_int_equal(errno, ENOENT);
}

static void reads_files_alone_and_not_too_long_ones(void **state)
{
	char *text;
	size_t len;
	(void)state;
	assert_int_equal(file_read(path, 100, &text, &len), ERR_NOT_FOUND);
	assert_int_equal(file_read(folder, 100, &text, &len), ERR_INVALID);
	assert_int_equal(file_replace(path, "12345", 5), OK);
	assert_int_equal(file_read(path, 4, &text, &len), ERR_FULL);
	assert_int_equal(file_read(path, 5, &text, &len), OK);
	free(text);
	assert_int_equal(mkfifo(beside, 0600), 0); /* it does not wait for a writer */
	assert_int_equal(file_read(beside, 5, &text, &len), ERR_INVALID);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin, finish)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(replaces_the_whole_file),
		TEST(takes_no_notice_of_a_write_that_was_cut_short),
		TEST(says_why_it_failed_and_leaves_nothing),
		TEST(reads_files_alone_and_not_too_long_ones),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
