/* SPDX-License-Identifier: Apache-2.0 */
/* JSON text in (core/base/json.c): where a value ends, and how a mistake is worded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "../../core/base/json.h"

static char why[160];

static json_t *read_all(const char *text)
{
	size_t len = strlen(text);
	strcpy(why, "");
	return json_read(&text, &len, why);
}

static void reads_several_values_one_by_one(void **state)
{
	const char *text = "{\"a\": 1} [2]\r\n\t{\"b\":\"}\"}  \n", *end = text + strlen(text);
	size_t len = strlen(text);
	json_t *v;
	(void)state;
	assert_int_equal(
		json_integer_value(json_object_get(v = json_read(&text, &len, why), "a")), 1);
	json_decref(v);
	assert_ptr_equal(text + len, end);
	assert_int_equal(*text, '[');
	assert_int_equal(json_array_size(v = json_read(&text, &len, why)), 1);
	json_decref(v);
	assert_string_equal(
		json_string_value(json_object_get(v = json_read(&text, &len, why), "b")), "}");
	json_decref(v);
	assert_int_equal(len, 0);
	assert_ptr_equal(text, end);
	assert_null(json_read(&text, &len, why));
}

static void reads_no_further_than_told(void **state)
{
	const char *text = "{}{\"x\":", *t = text;
	size_t len = 2;
	json_t *v = json_read(&t, &len, why);
	(void)state;
	assert_non_null(v);
	json_decref(v);
	assert_ptr_equal(t, text + 2);
	assert_int_equal(len, 0);
}

static void says_where_and_what_is_wrong(void **state)
{
	(void)state;
	assert_null(read_all("junk"));
	assert_string_equal(why, "on line 1: '[' or '{' expected near 'junk'");
	assert_null(read_all("{\"a\": 1,\n\n nonsense}"));
	assert_ptr_equal(strstr(why, "on line 3: "), why);
	assert_null(read_all(""));
	assert_ptr_equal(strstr(why, "on line 1: "), why);
	assert_null(read_all("{\"janus\":\"ping\""));
	assert_string_equal(why, "on line 1: '}' expected near end of file");
}

static void cuts_its_words_between_characters(void **state)
{
	char text[1000] = "{\"";
	(void)state;
	for (int i = 0; i < 300; i++)
		strcat(text, "\u20ac"); /* three bytes each: somewhere the cut falls inside one */
	strcat(text, "\" \u20ac}");
	for (int i = 0; i < 3; i++) {
		json_t *s;
		assert_null(read_all(text));
		assert_non_null(s = json_string(why)); /* valid UTF-8 */
		json_decref(s);
		assert_true(strlen(why) < sizeof why);
		memmove(text + 3, text + 2, strlen(text) - 1);
		text[2] = 'x';
	}
}

static void quotes_a_mistake_inside_a_character(void **state)
{
	json_t *s;
	(void)state;
	assert_null(read_all("{\"\\\u00e9\"}")); /* the parser's words end with half of it */
	assert_non_null(s = json_string(why));
	json_decref(s);
}

static void lets_the_last_of_duplicate_keys_win(void **state)
{
	json_t *v = read_all("{\"a\":1,\"a\":2}");
	(void)state;
	assert_int_equal(json_integer_value(json_object_get(v, "a")), 2);
	json_decref(v);
}

static char *nested(unsigned depth, char open, char close)
{
	char *s = calloc(1, 2 * depth * 5 + 8);
	for (unsigned i = 0; i < depth; i++)
		strcat(strncat(s, &open, 1), open == '{' && i + 1 < depth ? "\"a\":" : "");
	for (unsigned i = 0; i < depth; i++)
		strncat(s, &close, 1);
	return s;
}

static void reads_what_nests_up_to_the_limit_and_no_deeper(void **state)
{
	static const char pairs[2][2] = { { '[', ']' }, { '{', '}' } };
	(void)state;
	for (int i = 0; i < 2; i++)
		for (unsigned depth = JSON_MAX_NESTING - 1; depth <= JSON_MAX_NESTING + 1;
			depth++) {
			char *s = nested(depth, pairs[i][0], pairs[i][1]);
			json_t *v = read_all(s);
			assert_int_equal(v != NULL, depth <= JSON_MAX_NESTING);
			assert_int_equal(strstr(why, "on line 1: nested deeper than 64") != NULL,
				depth > JSON_MAX_NESTING);
			json_decref(v);
			free(s);
		}
}

static void does_not_take_brackets_in_strings_for_nesting(void **state)
{
	char text[300] = "[\"\\\"";
	json_t *v;
	(void)state;
	memset(text + 4, '[', 200);
	strcpy(text + 204, "\"]");
	assert_non_null(v = read_all(text));
	json_decref(v);
}

/* "[1,1,…]" or "[[],[],…]" of @p n values. */
static char *array_of(unsigned n, const char *value)
{
	size_t len = strlen(value) + 1;
	char *text = malloc(n * len + 2), *at = text;
	*at++ = '[';
	for (unsigned i = 0; i < n; i++, at += len)
		sprintf(at, "%s,", value);
	at[-1] = ']';
	*at = '\0';
	return text;
}

static void reads_so_many_values_and_no_more(void **state)
{
	static const struct {
		const char *value;
		unsigned n;
		bool fits;
	} rows[] = {
		{ "1", JSON_MAX_VALUES, true },
		{ "1", JSON_MAX_VALUES + 1, false },
		{ "[]", JSON_MAX_VALUES / 2, true },
		{ "[[[[[[1]]]]]]", JSON_MAX_VALUES / 6, false },
		{ "\",,,,,,,,\"", JSON_MAX_VALUES / 2, true },
	};
	(void)state;
	for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *all = array_of(rows[i].n, rows[i].value);
		const char *text = all;
		size_t len = strlen(all);
		json_t *v = json_read(&text, &len, why);
		assert_int_equal(v != NULL, rows[i].fits);
		if (!v)
			assert_string_equal(why, "on line 1: more than 65536 values");
		json_decref(v);
		free(all);
	}
}

static void refuses_what_is_no_json(void **state)
{
	static const char *const bad[] = { "\"x\"", "12", "null", "{\"a\":\"\\u0000\"}",
		"{\"a\":\"\xff\"}", "[1,]", "{a:1}", "[99999999999999999999]", "[1e999]", "]", "}",
		"['a']" };
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_null(read_all(bad[i]));
		assert_ptr_equal(strstr(why, "on line 1: "), why);
	}
}

static void writes_three_styles_in_the_order_of_the_keys(void **state)
{
	static const char *const want[] = {
		[JSON_STYLE_COMPACT] = "{\"z\":1,\"a\":[true,null]}",
		[JSON_STYLE_PLAIN] = "{\"z\": 1, \"a\": [true, null]}",
		[JSON_STYLE_INDENTED] =
			"{\n   \"z\": 1,\n   \"a\": [\n      true,\n      null\n   ]\n}",
	};
	json_t *v = read_all("{\"z\":1,\"a\":[true,null]}");
	(void)state;
	for (int style = JSON_STYLE_COMPACT; style <= JSON_STYLE_INDENTED; style++) {
		size_t len;
		char *text = json_write(v, style, &len);
		assert_string_equal(text, want[style]);
		assert_int_equal(len, strlen(text));
		free(text);
	}
	free(json_write(v, JSON_STYLE_PLAIN, NULL));
	json_decref(v);
}

static void knows_the_words_for_styles(void **state)
{
	(void)state;
	assert_int_equal(cardea_style("indented"), JSON_STYLE_INDENTED);
	assert_int_equal(cardea_style("Plain"), JSON_STYLE_PLAIN);
	assert_int_equal(cardea_style("compact"), JSON_STYLE_COMPACT);
	assert_int_equal(cardea_style("pretty"), -1);
	assert_int_equal(cardea_style(NULL), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_several_values_one_by_one),
		cmocka_unit_test(reads_no_further_than_told),
		cmocka_unit_test(says_where_and_what_is_wrong),
		cmocka_unit_test(cuts_its_words_between_characters),
		cmocka_unit_test(quotes_a_mistake_inside_a_character),
		cmocka_unit_test(lets_the_last_of_duplicate_keys_win),
		cmocka_unit_test(reads_what_nests_up_to_the_limit_and_no_deeper),
		cmocka_unit_test(does_not_take_brackets_in_strings_for_nesting),
		cmocka_unit_test(reads_so_many_values_and_no_more),
		cmocka_unit_test(refuses_what_is_no_json),
		cmocka_unit_test(writes_three_styles_in_the_order_of_the_keys),
		cmocka_unit_test(knows_the_words_for_styles),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
