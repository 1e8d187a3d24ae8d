/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are offered one by one, over HTTP: web/files.c and how exchange.c sends them. */
#include "web_world.h"
#include <cardea/plugin.h>

const uint16_t web_port = 23021;

#define LEN 300000 /* more than goes at once */

static char path[] = "/tmp/web_files_XXXXXX", url[CARDEA_FILE_URL];

static char byte_at(size_t i)
{
	return (char)('a' + i % 23);
}

static int make_file(void **state)
{
	int fd = mkstemp(path);
	(void)state;
	for (size_t i = 0; i < LEN; i += 1000) {
		char piece[1000];
		for (size_t k = 0; k < sizeof piece; k++)
			piece[k] = byte_at(i + k);
		if (write(fd, piece, sizeof piece) != sizeof piece)
			return -1;
	}
	close(fd);
	cardea_file_offer(path, url);
	return start(state);
}

static int remove_file(void **state)
{
	cardea_file_withdraw(url);
	unlink(path);
	return stop(state);
}

/* @param fields lines, each with its end */
static int get(int fd, const char *method, const char *what, const char *fields, char *out)
{
	char request[1024];
	snprintf(request, sizeof request, "%s %s HTTP/1.1\r\nHost: h\r\n%s\r\n", method, what,
		fields);
	return ask(fd, request, out, LEN + 4096);
}

static const char *body_of(const char *answer)
{
	return strstr(answer, "\r\n\r\n") + 4;
}

static void is_part(const char *answer, size_t at, size_t len)
{
	const char *body = body_of(answer);
	assert_int_equal(strlen(body), len);
	for (size_t i = 0; i < len; i++)
		if (body[i] != byte_at(at + i))
			fail_msg("another byte at %zu", at + i);
}

static void gives_the_whole_and_parts(void **state)
{
	static char out[LEN + 4096];
	int fd = dial();
	(void)state;
	assert_int_equal(get(fd, "GET", url, "", out), 200);
	assert_non_null(strstr(out, "Accept-Ranges: bytes\r\n"));
	is_part(out, 0, LEN);
	assert_int_equal(get(fd, "GET", url, "Range: bytes=1234-201233\r\n", out), 206);
	assert_non_null(strstr(out, "Content-Range: bytes 1234-201233/300000\r\n"));
	is_part(out, 1234, 200000);
	assert_int_equal(get(fd, "GET", url, "Range: bytes=300000-\r\n", out), 416);
	assert_non_null(strstr(out, "Content-Range: bytes */300000\r\n"));
	/* several parts, and none that can be read: the whole, from its beginning */
	assert_int_equal(get(fd, "GET", url, "Range: bytes=5-9,20-29\r\n", out), 200);
	is_part(out, 0, LEN);
	assert_int_equal(get(fd, "GET", url, "Range: bytes=7-5\r\n", out), 200);
	is_part(out, 0, LEN);
	close(fd);
}

static void knows_parts_of_get_only(void **state)
{
	static char out[LEN + 4096];
	(void)state;
	for (int far = 0; far < 2; far++) {
		const char *range = far ? "Range: bytes=300000-\r\n" : "Range: bytes=0-9\r\n";
		int fd = dial();
		char request[512];
		snprintf(request, sizeof request, "HEAD %s HTTP/1.1\r\nHost: h\r\n%s\r\n", url,
			range);
		assert_int_equal(write(fd, request, strlen(request)), strlen(request));
		ssize_t n = read(fd, out, sizeof out - 1);
		assert_true(n > 0);
		out[n] = 0;
		assert_non_null(strstr(out, " 200 OK\r\n"));
		assert_non_null(strstr(out, "Content-Length: 300000\r\n"));
		assert_null(strstr(out, "Content-Range"));
		close(fd);
	}
}

static void knows_its_version(void **state)
{
	static char out[LEN + 4096];
	char tag[128] = "", fields[256];
	int fd = dial();
	(void)state;
	assert_int_equal(get(fd, "GET", url, "", out), 200);
	sscanf(strstr(out, "ETag: "), "ETag: %127s", tag);
	snprintf(fields, sizeof fields, "If-None-Match: %s\r\n", tag);
	assert_int_equal(get(fd, "GET", url, fields, out), 304);
	assert_int_equal(get(fd, "GET", url, "If-None-Match: *\r\n", out), 304);
	snprintf(fields, sizeof fields, "Range: bytes=300000-\r\nIf-None-Match: %s\r\n", tag);
	assert_int_equal(get(fd, "GET", url, fields, out), 304);
	assert_null(strstr(out, "Content-Range"));
	snprintf(fields, sizeof fields, "Range: bytes=0-9\r\nIf-Range: %s\r\n", tag);
	assert_int_equal(get(fd, "GET", url, fields, out), 206);
	assert_int_equal(
		get(fd, "GET", url, "Range: bytes=0-9\r\nIf-Range: \"other\"\r\n", out), 200);
	close(fd);
}

static void gives_no_other_version_than_is_wanted(void **state)
{
	static char out[LEN + 4096];
	char tag[128] = "", fields[256];
	int fd = dial();
	(void)state;
	assert_int_equal(get(fd, "GET", url, "If-Match: *\r\n", out), 200);
	sscanf(strstr(out, "ETag: "), "ETag: %127s", tag);
	snprintf(fields, sizeof fields, "If-Match: \"other\", %s\r\nRange: bytes=0-9\r\n", tag);
	assert_int_equal(get(fd, "GET", url, fields, out), 206);
	snprintf(fields, sizeof fields, "If-Match: W/%s\r\n", tag);
	assert_int_equal(get(fd, "GET", url, fields, out), 412);
	snprintf(fields, sizeof fields, "If-Match: \"other\"\r\nIf-None-Match: %s\r\n", tag);
	assert_int_equal(get(fd, "GET", url, fields, out), 412);
	assert_string_equal(body_of(out), "");
	assert_int_equal(
		get(fd, "GET", url, "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", out),
		412);
	assert_int_equal(
		get(fd, "GET", url, "If-Unmodified-Since: Fri, 06 Nov 2994 08:49:37 GMT\r\n", out),
		200);
	assert_int_equal(get(fd, "GET", url, "If-Unmodified-Since: yesterday\r\n", out), 200);
	close(fd);
}

static void only_who_knows_the_address(void **state)
{
	static char out[LEN + 4096];
	char other[CARDEA_FILE_URL];
	int fd = dial();
	(void)state;
	assert_int_equal(get(fd, "GET", "/files/", "", out), 404);
	assert_int_equal(get(fd, "GET", "/files/00000000000000000000000000000000/a", "", out), 404);
	snprintf(other, sizeof other, "%s", url);
	other[10] = other[10] == '0' ? '1' : '0';
	assert_int_equal(get(fd, "GET", other, "", out), 404);
	snprintf(other, sizeof other, "%.*s", (int)strlen("/files/") + 32, url);
	assert_int_equal(get(fd, "GET", other, "", out), 200); /* the name is not needed */
	assert_int_equal(get(fd, "POST", url, "Content-Length: 1\r\n\r\nx", out), 405);
	close(fd);
}

static void is_gone_when_withdrawn(void **state)
{
	static char out[LEN + 4096];
	char second[CARDEA_FILE_URL];
	int fd = dial();
	(void)state;
	cardea_file_offer(path, second);
	assert_string_not_equal(second, url);
	assert_int_equal(get(fd, "GET", second, "", out), 200);
	cardea_file_withdraw(second);
	assert_int_equal(get(fd, "GET", second, "", out), 404);
	assert_int_equal(get(fd, "GET", url, "", out), 200);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_the_whole_and_parts),
		cmocka_unit_test(knows_parts_of_get_only),
		cmocka_unit_test(knows_its_version),
		cmocka_unit_test(gives_no_other_version_than_is_wanted),
		cmocka_unit_test(only_who_knows_the_address),
		cmocka_unit_test(is_gone_when_withdrawn),
	};
	return cmocka_run_group_tests(tests, make_file, remove_file);
}
