/* SPDX-License-Identifier: Apache-2.0 */
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
#include "../../core/base/protected.h"

static char dir[64], path[128];

static const char *at(const char *name)
{
	snprintf(path, sizeof path, "%s/%s", dir, name);
	return path;
}

static int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/cardea-protected-XXXXXX");
	assert_non_null(mkdtemp(dir));
	assert_int_equal(mkdir(at("safe"), 0700), 0);
	assert_int_equal(mkdir(at("safer"), 0700), 0);
	return 0;
}

static int teardown(void **state)
{
	static const char *const names[] = { "file", "link", "door", "pipe", "safer/file" };
	(void)state;
	for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
		unlink(at(names[i]));
	rmdir(at("safe"));
	rmdir(at("safer"));
	return rmdir(dir);
}

static int opens(const char *prefix, const char *folder, const char *name)
{
	const char *const all[] = { "/nowhere", prefix, NULL };
	char in[128];
	int fd;
	snprintf(in, sizeof in, "%s/%s", dir, folder);
	errno = 0;
	fd = protected_open(all, in, name);
	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static void a_file_is_made_where_it_may_be(void **state)
{
	char safe[128];
	struct stat s;
	(void)state;
	strcpy(safe, at("safe"));
	assert_int_equal(opens(safe, ".", "file"), 0);
	assert_int_equal(opens(safe, ".", "file"), 0); /* and is there already */
	assert_int_equal(stat(at("file"), &s), 0);
	assert_int_equal(s.st_mode & 0137, 0);
	assert_int_equal(opens(safe, "safer", "file"), 0); /* it only begins alike */
}

static void nothing_is_made_in_a_protected_folder(void **state)
{
	char safe[128];
	(void)state;
	strcpy(safe, at("safe"));
	assert_int_equal(symlink(safe, at("door")), 0);
	assert_int_equal(opens(safe, "safe", "file"), EACCES);
	assert_int_equal(opens(safe, "door", "file"), EACCES);
	assert_int_equal(opens(safe, "safer/../safe", "file"), EACCES);
	strcpy(safe, at("safe/"));
	assert_int_equal(opens(safe, "safe", "file"), EACCES);
	strcpy(safe, at("door")); /* what protects is a link */
	assert_int_equal(opens(safe, "safe", "file"), EACCES);
	assert_int_equal(opens("/", ".", "file"), EACCES);
	strcpy(safe, at("file")); /* one file */
	assert_int_equal(opens(safe, ".", "file"), EACCES);
	assert_int_equal(access(at("safe/file"), F_OK), -1);
	assert_int_equal(access(at("file"), F_OK), -1);
}

static void a_name_is_that_of_a_plain_file(void **state)
{
	char long_name[300];
	(void)state;
	memset(long_name, 'x', sizeof long_name - 1);
	long_name[sizeof long_name - 1] = 0;
	assert_int_equal(opens("/n", ".", ""), EINVAL);
	assert_int_equal(opens("/n", ".", "."), EINVAL);
	assert_int_equal(opens("/n", ".", ".."), EINVAL);
	assert_int_equal(opens("/n", ".", "safe/file"), EINVAL);
	assert_int_equal(opens("/n", ".", long_name), EINVAL);
	assert_int_not_equal(opens("/n", ".", "safe"), 0);
	assert_int_equal(opens("/n", "nowhere", "file"), ENOENT);
	assert_int_equal(symlink("file", at("link")), 0);
	assert_int_equal(opens("/n", ".", "link"), ELOOP);
	assert_int_equal(mkfifo(at("pipe"), 0600), 0);
	assert_int_equal(opens("/n", ".", "pipe"), EACCES);
	assert_int_equal(protected_open(NULL, "/proc/self", "comm"), -1); /* the kernel's */
	assert_int_equal(errno, EACCES);
}

/* ---- before anything is made ---- */

static void a_path_is_judged_before_its_folders_are_there(void **state)
{
	char safe[128], link[128];
	const char *const all[] = { safe, NULL };
	(void)state;
	strcpy(safe, at("safe"));
	strcpy(link, at("link"));
	assert_int_equal(symlink(safe, link), 0);
	assert_true(protected_allows(all, at("file")));
	assert_true(protected_allows(all, at("safer/new/file")));
	assert_true(protected_allows(NULL, at("safe/file")));
	assert_true(protected_allows(all, "of/the/present/folder"));
	assert_false(protected_allows(all, safe));
	assert_false(protected_allows(all, at("safe/file")));
	assert_false(protected_allows(all, at("safe//new/file")));
	assert_false(protected_allows(all, at("link/new/file")));
	assert_int_equal(rmdir(safe), 0);
	assert_false(protected_allows(all, at("safe/new/file"))); /* nor when it is not there */
	assert_int_equal(mkdir(safe, 0700), 0);
}

/* @return errno, 0: a file was made in a folder that was made */
static int makes(const char *prefix, const char *folder, const char *name)
{
	const char *const all[] = { "/nowhere", prefix, NULL };
	char in[128];
	int folder_fd, fd, why;
	snprintf(in, sizeof in, "%s/%s", dir, folder);
	folder_fd = protected_folder(all, in);
	if (folder_fd < 0)
		return errno;
	assert_int_equal(fsync(folder_fd), 0);
	fd = protected_create(all, folder_fd, name);
	why = errno;
	close(folder_fd);
	if (fd < 0)
		return why;
	close(fd);
	return 0;
}

static void folders_are_made_where_they_may_be(void **state)
{
	struct stat s;
	char safe[128];
	(void)state;
	strcpy(safe, at("safe"));
	assert_int_equal(makes(safe, "safer//./a/b/", "file"), 0);
	assert_int_equal(stat(at("safer/a/b/file"), &s), 0);
	assert_int_equal(s.st_mode & 0137, 0);
	assert_int_equal(makes(safe, "safer/a/b", "file"), EEXIST);
	assert_int_equal(symlink("nowhere", at("safer/a/b/dangling")), 0);
	assert_int_equal(makes(safe, "safer/a/b", "dangling"), EEXIST);
	assert_int_equal(makes(safe, "safer/a/b/file", "x"), ENOTDIR);
	assert_int_equal(makes(safe, "safer/a/../a", "x"), EINVAL);
	assert_int_equal(symlink("safe", at("door")), 0);
	assert_int_equal(makes(safe, "door", "file"), EACCES);
	assert_int_equal(makes(safe, "door/new", "file"), EACCES);
	assert_int_equal(makes(safe, "safe/new/er", "file"), EACCES);
	assert_int_equal(access(at("safe/new"), F_OK), -1);
	strcpy(safe, at("safer/new")); /* which is not there */
	assert_int_equal(makes(safe, "safer/new", "file"), EACCES);
	assert_int_equal(protected_folder(NULL, "/proc/self/new"), -1);
	assert_int_equal(errno, EACCES);
	int here = protected_folder(NULL, "");
	assert_true(here >= 0);
	close(here);
	unlink(at("safer/a/b/file"));
	unlink(at("safer/a/b/dangling"));
	rmdir(at("safer/a/b"));
	rmdir(at("safer/a"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_file_is_made_where_it_may_be),
		T(nothing_is_made_in_a_protected_folder),
		T(a_name_is_that_of_a_plain_file),
		T(a_path_is_judged_before_its_folders_are_there),
		T(folders_are_made_where_they_may_be),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
