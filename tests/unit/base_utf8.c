/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that were cut or come from elsewhere (core/base/utf8.c), on their way to log and JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <cardea/json.h>
#include "../../core/base/utf8.h"

static void knows_characters_from_other_bytes(void **state)
{
	static const char *const good[] = { "a", "\x7f", "\u00e9", "\u20ac", "\xed\x9f\xbf",
		"\xee\x80\x80", "\U0001f600", "\U0010ffff" };
	static const char *const bad[] = { "\x80", "\xbf", "\xc3", "\xc3(", "\xe2\x82",
		"\xf0\x9f\x98", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xe0\x9f\xbf",
		"\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x80\x80\xaf", "\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80", "\xff" };
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_int_equal(utf8_char(good[i]), strlen(good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(utf8_char(bad[i]), 0);
}

static void mended(const char *text, const char *want)
{
	char copy[100];
	strcpy(copy, text);
	utf8_mend(copy);
	assert_string_equal(copy, want);
}

static void leaves_out_what_a_cut_has_left_and_shows_the_rest_as_question_marks(void **state)
{
	(void)state;
	mended("", "");
	mended("na\u00efve \u20ac \U0001f600", "na\u00efve \u20ac \U0001f600");
	mended("'\u00e9\xc3'", "'\u00e9'");
	mended("'\xe2\x82' '\xf0\x9f\x98", "'' '");
	mended("\xff\x80x\xc0\xaf", "??x??");
	mended("\xed\xa0\x80", "???");
}

/* jansson is the judge: whatever the bytes, what comes out can be printed. */
static void makes_json_of_anything(void **state)
{
	char text[4] = { 0 };
	json_t *v;
	(void)state;
	for (unsigned a = 1; a < 256; a++)
		for (unsigned b = 0; b < 256; b++)
			for (unsigned c = 0x7f; c < 0xc3; c += 0x21) {
				text[0] = (char)a, text[1] = (char)b, text[2] = (char)(b ? c : 0);
				json_t *as_is = json_string(text);
				assert_non_null(v = cardea_json_text(text));
				assert_int_equal(json_is_string(v), 1);
				if (as_is)
					assert_true(json_equal(v, as_is));
				json_decref(as_is);
				json_decref(v);
			}
	v = cardea_json_text(NULL);
	assert_string_equal(json_string_value(v), "");
	json_decref(v);
}

static void printed(size_t size, const char *text, const char *want)
{
	char out[100];
	memset(out, 'x', sizeof out);
	assert_int_equal(utf8_printable(out, size, text), strlen(want));
	assert_string_equal(out, want);
}

static void escapes_what_a_line_may_not_hold(void **state)
{
	(void)state;
	printed(100, "caf\u00e9 \\x", "caf\u00e9 \\x");
	printed(100, "a\r\n\tb", "a   b");
	printed(100, "\033[2J\x07\x7f", "\\x1b[2J\\x07\\x7f");
	printed(100,
		"\xc2\x9b"
		"2J",
		"\\xc2\\x9b2J");
	printed(100, "\u202e\u2066\u2028", "\\xe2\\x80\\xae\\xe2\\x81\\xa6\\xe2\\x80\\xa8");
	printed(100, "Z\xfcrich \xc3", "Z\\xfcrich \\xc3");
}

static void cuts_between_characters(void **state)
{
	(void)state;
	printed(1, "abc", "");
	printed(4, "abc", "abc");
	printed(3, "abc", "ab");
	printed(4, "ab\u00e9", "ab");
	printed(5, "a\x1bz", "a");
	printed(6, "a\x1bz", "a\\x1b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_characters_from_other_bytes),
		cmocka_unit_test(
			leaves_out_what_a_cut_has_left_and_shows_the_rest_as_question_marks),
		cmocka_unit_test(makes_json_of_anything),
		cmocka_unit_test(escapes_what_a_line_may_not_hold),
		cmocka_unit_test(cuts_between_characters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
