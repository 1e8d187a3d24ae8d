/* SPDX-License-Identifier: Apache-2.0 */
/* The pages (core/web/static.c), of a folder that the test makes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../core/web/static.h"

static char top[64], root[128];

static void put(const char *name, const char *text)
{
	char path[256];
	snprintf(path, sizeof path, "%s/%s", top, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int make_root(void **state)
{
	char sub[192];
	(void)state;
	strcpy(top, "/tmp/web_static_XXXXXX");
	if (!mkdtemp(top))
		return -1;
	snprintf(root, sizeof root, "%s/root", top);
	snprintf(sub, sizeof sub, "%s/sub", root);
	mkdir(root, 0700);
	mkdir(sub, 0700);
	put("secret.txt", "secret");
	put("root/index.html", "start");
	put("root/echo.html", "echo");
	put("root/a.js", "js");
	put("root/.hidden", "hidden");
	put("root/sub/index.html", "sub");
	return 0;
}

static int remove_root(void **state)
{
	static const char *const all[] = { "secret.txt", "root/index.html", "root/echo.html",
		"root/a.js", "root/.hidden", "root/sub/index.html", "root/sub", "root" };
	char path[256];
	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		snprintf(path, sizeof path, "%s/%s", top, all[i]);
		remove(path);
	}
	return rmdir(top);
}

static void expect(const char *method, const char *path, int status, const char *body)
{
	struct answer a;
	static_serve(&a, root, method, path, "");
	assert_int_equal(a.status, status);
	if (body)
		assert_string_equal(a.body->data, body);
	else
		assert_null(strstr(a.body ? a.body->data : "", "secret"));
	answer_clear(&a);
}

static void serves_files_and_index_pages(void **state)
{
	(void)state;
	expect("GET", "/", 200, "start");
	expect("GET", "/a.js", 200, "js");
	expect("HEAD", "/a.js", 200, "js");
	expect("GET", "/sub/", 200, "sub");
	expect("GET", "/echo", 200, "echo");
}

static void says_what_it_is(void **state)
{
	struct answer a;
	(void)state;
	static_serve(&a, root, "GET", "/a.js", "");
	assert_string_equal(a.type, "text/javascript; charset=utf-8");
	assert_non_null(strstr(a.headers, "X-Content-Type-Options: nosniff\r\n"));
	assert_non_null(strstr(a.headers, "connect-src 'self' ws: wss:"));
	answer_clear(&a);
}

static void never_leaves_the_root(void **state)
{
	(void)state;
	expect("GET", "/../secret.txt", 404, NULL);
	expect("GET", "/sub/../../secret.txt", 404, NULL);
	expect("GET", "/./a.js", 404, NULL);
	expect("GET", "/..", 404, NULL);
	expect("GET", "secret.txt", 404, NULL);
	expect("GET", "/.hidden", 404, NULL);
	expect("GET", "/sub/..\\..\\secret.txt", 404, NULL);
}

static void only_lets_read(void **state)
{
	(void)state;
	expect("POST", "/a.js", 405, NULL);
	expect("POST", "/nothing", 404, NULL);
	expect("GET", "/sub", 404, NULL);
}

static void spares_what_the_client_has(void **state)
{
	struct answer a;
	char tag[80] = "";
	(void)state;
	static_serve(&a, root, "GET", "/a.js", "");
	const char *etag = strstr(a.headers, "ETag: ");
	assert_non_null(etag);
	sscanf(etag, "ETag: %79[^\r]", tag);
	answer_clear(&a);
	static_serve(&a, root, "GET", "/a.js", tag);
	assert_int_equal(a.status, 304);
	assert_null(a.body);
	answer_clear(&a);
	static_serve(&a, root, "GET", "/a.js", "\"another\"");
	assert_int_equal(a.status, 200);
	answer_clear(&a);
}

static void has_no_pages_without_a_root(void **state)
{
	struct answer a;
	(void)state;
	static_serve(&a, NULL, "GET", "/", "");
	assert_int_equal(a.status, 404);
	answer_clear(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(serves_files_and_index_pages),
		cmocka_unit_test(says_what_it_is),
		cmocka_unit_test(never_leaves_the_root),
		cmocka_unit_test(only_lets_read),
		cmocka_unit_test(spares_what_the_client_has),
		cmocka_unit_test(has_no_pages_without_a_root),
	};
	return cmocka_run_group_tests(tests, make_root, remove_root);
}
