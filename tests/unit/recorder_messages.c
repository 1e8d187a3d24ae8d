/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of data channels as JSON lines and WebVTT, as a recording writes them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../core/base/file.h"
#include "../../core/recorder/messages.h"

#define UNIX_US 1795447276123661

static char folder[64], base[128], lines[140], cues[140], lines_part[150];
static struct messages *m;

static int begin(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/cardea-messages-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(base, sizeof base, "%s/a", folder);
	snprintf(lines, sizeof lines, "%s.jsonl", base);
	snprintf(cues, sizeof cues, "%s.vtt", base);
	snprintf(lines_part, sizeof lines_part, "%s.part", lines);
	m = messages_new(&rec_disk_real, NULL, base);
	assert_non_null(m);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	unlink(lines);
	unlink(cues);
	unlink(lines_part);
	return rmdir(folder);
}

static void say(const char *text, int64_t at_us)
{
	assert_int_equal(messages_write(m, "chat", text, strlen(text), false, at_us, UNIX_US), OK);
}

static void holds(const char *path, const char *expected)
{
	char *text;
	size_t len;
	assert_int_equal(file_read(path, 100000, &text, &len), OK);
	assert_string_equal(text, expected);
	free(text);
}

static void texts_are_lines_and_cues(void **state)
{
	(void)state;
	say("hello", 1500000);
	say("one\n\n\r\ntwo <b> & -->", 3723004000);
	assert_int_equal(messages_end(m, true), OK);
	holds(lines, "{\"at_us\": 1500000, \"unix_us\": 1795447276123661, \"label\": \"chat\", "
		     "\"text\": \"hello\"}\n"
		     "{\"at_us\": 3723004000, \"unix_us\": 1795447276123661, \"label\": \"chat\", "
		     "\"text\": \"one\\n\\n\\r\\ntwo <b> & -->\"}\n");
	holds(cues, "WEBVTT\n\n00:00:01.500 --> 00:00:04.750\nhello\n\n"
		    "01:02:03.004 --> 01:02:06.854\none\ntwo &lt;b&gt; &amp; --&gt;\n");
}

static void what_is_no_text_is_base64_and_no_cue(void **state)
{
	(void)state;
	assert_int_equal(messages_write(m, NULL, "\1\2\3", 3, true, 0, UNIX_US), OK);
	assert_int_equal(messages_write(m, "", "\xff", 1, false, 0, UNIX_US), OK);
	assert_int_equal(messages_end(m, true), OK);
	holds(lines, "{\"at_us\": 0, \"unix_us\": 1795447276123661, \"base64\": \"AQID\"}\n"
		     "{\"at_us\": 0, \"unix_us\": 1795447276123661, \"base64\": \"/w==\"}\n");
	assert_int_equal(access(cues, F_OK), -1);
}

static void cues_stand_in_order_and_have_an_end(void **state)
{
	char big[4001];
	char *text;
	size_t len;
	(void)state;
	memset(big, 'x', sizeof big - 1);
	big[sizeof big - 1] = 0;
	say("first", 2000000);
	say("", 2000000);
	say(big, -1);
	assert_int_equal(messages_end(m, true), OK);
	assert_int_equal(file_read(cues, 100000, &text, &len), OK);
	static const char expected[] = "WEBVTT\n\n00:00:02.000 --> 00:00:05.250\nfirst\n\n"
				       "00:00:02.000 --> 00:00:12.000\nxxx";
	assert_memory_equal(text, expected, sizeof expected - 1);
	assert_string_equal(text + len - 6, "xx…\n");
	assert_in_range(len, 500, 600);
	free(text);
}

static void without_messages_there_are_no_files(void **state)
{
	(void)state;
	assert_null(messages_error(m));
	assert_int_equal(messages_end(m, true), OK);
	assert_int_equal(access(lines, F_OK), -1);
}

static void a_line_is_there_at_once_and_stays_as_a_part(void **state)
{
	(void)state;
	assert_int_equal(messages_write(m, NULL, "\1", 1, true, 0, 1), OK);
	holds(lines_part, "{\"at_us\": 0, \"unix_us\": 1, \"base64\": \"AQ==\"}\n");
	assert_int_equal(messages_end(m, false), OK);
	assert_int_equal(access(lines, F_OK), -1);
	assert_int_equal(access(lines_part, F_OK), 0);
}

static void says_why_it_failed(void **state)
{
	FILE *f = fopen(lines, "w");
	(void)state;
	assert_non_null(f);
	fclose(f);
	assert_int_equal(messages_write(m, NULL, "a", 1, false, 0, 1), ERR_IO);
	assert_non_null(strstr(messages_error(m), lines));
	unlink(lines);
	assert_int_equal(messages_write(m, NULL, "a", 1, false, 0, 1), ERR_IO);
	assert_int_equal(messages_end(m, true), OK);
	assert_int_equal(access(lines, F_OK), -1);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin, finish)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(texts_are_lines_and_cues),
		TEST(what_is_no_text_is_base64_and_no_cue),
		TEST(cues_stand_in_order_and_have_an_end),
		TEST(without_messages_there_are_no_files),
		TEST(a_line_is_there_at_once_and_stays_as_a_part),
		TEST(says_why_it_failed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
