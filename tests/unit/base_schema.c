/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of fields against requests (core/base/schema.c): which mistake is named, and in which
 * words. Clients read them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <cardea/json.h>
#include "text.h"

#define MISSING 429
#define INVALID 430

static const struct cardea_field stream_fields[] = {
	{ "mid", CARDEA_STR, .required = true },
	{ "spatial", CARDEA_UINT, .max = 2 },
	{ 0 },
};
static const struct cardea_field fields[] = {
	{ "request", CARDEA_STR, .required = true },
	{ "flag", CARDEA_BOOL, .dflt = 1 },
	{ "delay", CARDEA_INT, .min = -1, .max = 4095, .dflt = -1 },
	{ "any", .type = CARDEA_INT },
	{ "level", CARDEA_UINT, .max = 7, .dflt = 4 },
	{ "count", .type = CARDEA_UINT },
	{ "least", CARDEA_UINT, .min = 1 },
	{ "ptype", CARDEA_STR, .one_of = "publisher|subscriber", .dflt_str = "publisher" },
	{ "data", CARDEA_OBJ, .of = stream_fields },
	{ "free", .type = CARDEA_OBJ },
	{ "streams", CARDEA_ARR, .of = stream_fields, .nonempty = true, .max = 2 },
	{ "list", .type = CARDEA_ARR },
	{ "small", CARDEA_OBJ, .max = 10 },
	{ "names", CARDEA_STRS, .max = 4 },
	{ "title", CARDEA_STR, .max = 8 },
	{ "room", .type = CARDEA_ID },
	{ "whatever", CARDEA_ANY, .of = stream_fields },
	{ 0 },
};
static const struct cardea_codes numbers = { .missing = MISSING, .invalid = INVALID };
static const struct cardea_codes strings = {
	.missing = MISSING, .invalid = INVALID, .string_ids = true
};

/* Check {"request": "x", <text>} and compare the words; NULL: fine. */
static void expect(const char *text, const struct cardea_codes *codes, int code, const char *reason)
{
	char whole[CARDEA_ID_BYTES + 64];
	struct cardea_error e = { 0 };
	json_t *v;
	snprintf(whole, sizeof whole, "{'request': 'x'%s%s}", *text ? ", " : "", text);
	v = json_loads(quote(whole), 0, NULL);
	assert_non_null(v);
	assert_int_equal(cardea_check(v, fields, codes, &e), reason == NULL);
	assert_int_equal(e.code, code);
	assert_string_equal(e.reason, reason ? reason : "");
	json_decref(v);
}

static void fine(const char *text)
{
	expect(text, &numbers, 0, NULL);
}

static void wrong(const char *text, const char *what)
{
	char reason[256];
	snprintf(reason, sizeof reason, "Invalid element type (%s)", what);
	expect(text, &numbers, INVALID, reason);
}

static void names_what_is_missing(void **state)
{
	struct cardea_error e;
	json_t *v = json_object();
	(void)state;
	assert_false(cardea_check(v, fields, &numbers, &e));
	assert_int_equal(e.code, MISSING);
	assert_string_equal(e.reason, "Missing mandatory element (request)");
	json_decref(v);
	expect("'data': {}", &numbers, MISSING, "Missing mandatory element (mid)");
	expect("'streams': [{'mid': '0'}, {}]", &numbers, MISSING,
		"Missing mandatory element (mid)");
}

static void names_the_type_each_field_should_have(void **state)
{
	(void)state;
	wrong("'flag': 'yes'", "flag should be a boolean");
	wrong("'flag': 1", "flag should be a boolean");
	wrong("'any': 1.0", "any should be an integer");
	wrong("'any': '1'", "any should be an integer");
	wrong("'count': 1.0", "count should be a positive integer");
	wrong("'count': -1", "count should be a positive integer");
	wrong("'ptype': 5", "ptype should be a string");
	wrong("'data': []", "data should be an object");
	wrong("'list': {}", "list should be an array");
	wrong("'names': 'a'", "names should be an array");
	wrong("'names': ['a', 1]", "names[1] should be a string");
	wrong("'streams': [[]]", "streams[0] should be an object");
	wrong("'streams': []", "streams should be a non-empty array");
}

static void takes_null_for_a_wrong_type(void **state)
{
	(void)state;
	wrong("'request': null", "request should be a string");
	wrong("'flag': null", "flag should be a boolean");
	wrong("'free': null", "free should be an object");
}

static void holds_numbers_to_their_bounds(void **state)
{
	(void)state;
	fine("'delay': -1");
	fine("'delay': 4095");
	wrong("'delay': -2", "delay should be an integer");
	wrong("'delay': 4096", "delay should be an integer");
	fine("'level': 0");
	fine("'level': 7");
	wrong("'level': 8", "level should be a positive integer");
	wrong("'least': 0", "least should be a positive integer");
	fine("'least': 9223372036854775807");
	fine("'any': -9223372036854775808");
}

static void holds_words_to_their_list(void **state)
{
	(void)state;
	fine("'ptype': 'publisher'");
	fine("'ptype': 'subscriber'");
	wrong("'ptype': 'publish'", "ptype should be one of publisher|subscriber");
	wrong("'ptype': 'publisher|subscriber'", "ptype should be one of publisher|subscriber");
	wrong("'ptype': ''", "ptype should be one of publisher|subscriber");
}

static void holds_texts_to_so_many_bytes(void **state)
{
	(void)state;
	fine("'title': '12345678'");
	wrong("'title': '123456789'", "title should be a string of at most 8 bytes");
	fine("\"title\": \"\u20ac\u20ac12\""); /* bytes, not characters: the sign has three */
	wrong("\"title\": \"\u20ac\u20ac\u20ac\"", "title should be a string of at most 8 bytes");
	fine("'names': ['1234', '']");
	wrong("'names': ['1234', '12345']", "names[1] should be a string of at most 4 bytes");
	wrong("'title': 123456789", "title should be a string");
}

static void holds_string_ids_to_their_bytes(void **state)
{
	char longest[CARDEA_ID_BYTES + 1], text[CARDEA_ID_BYTES + 16];
	(void)state;
	memset(longest, 'a', CARDEA_ID_BYTES);
	longest[CARDEA_ID_BYTES] = 0;
	snprintf(text, sizeof text, "'room': '%s'", longest);
	expect(text, &strings, 0, NULL);
	snprintf(text, sizeof text, "'room': '%sb'", longest);
	expect(text, &strings, INVALID,
		"Invalid element type (room should be a string of at most 256 bytes)");
}

static void looks_into_objects_and_arrays(void **state)
{
	(void)state;
	fine("'data': {'mid': '0', 'spatial': 2}");
	wrong("'data': {'mid': '0', 'spatial': 3}", "spatial should be a positive integer");
	wrong("'streams': [{'mid': '0'}, {'mid': 1}]", "mid should be a string");
	fine("'free': {'mid': 1}, 'list': [1, 'a', null], 'names': []");
}

static void holds_objects_and_arrays_to_their_size(void **state)
{
	(void)state;
	wrong("'streams': [{'mid': '0'}, {'mid': '1'}, 7]",
		"streams should be an array of at most 2 elements");
	fine("'small': { 'a' : 1234 }"); /* as it is printed: {"a":1234} */
	wrong("'small': {'a':12345}", "small should be an object of at most 10 bytes");
}

static void takes_ids_as_the_user_of_the_table_has_them(void **state)
{
	(void)state;
	fine("'room': 1234");
	wrong("'room': '1234'", "room should be a positive integer");
	wrong("'room': -1", "room should be a positive integer");
	expect("'room': 'my room'", &strings, 0, NULL);
	expect("'room': 1234", &strings, INVALID, "Invalid element type (room should be a string)");
}

static void reports_the_first_mistake_in_the_order_of_the_table(void **state)
{
	(void)state;
	wrong("'room': true, 'flag': 0", "flag should be a boolean");
}

static void describes_but_does_not_check_what_may_be_anything(void **state)
{
	(void)state;
	fine("\"whatever\": null");
	fine("\"whatever\": -5");
	fine("\"whatever\": {\"mid\": 7}");
}

static void ignores_what_it_does_not_know(void **state)
{
	(void)state;
	fine("'unknown': null");
}

static void gives_what_was_given_and_defaults_for_the_rest(void **state)
{
	json_t *v =
		json_loads(Q("{'flag': false, 'level': 0, 'request': 'x', 'list': [1]}"), 0, NULL);
	struct cardea_args some = { v, fields }, none = { NULL, fields };
	(void)state;
	assert_false(cardea_bool(&some, "flag"));
	assert_true(cardea_bool(&none, "flag"));
	assert_int_equal(cardea_int(&some, "level"), 0);
	assert_int_equal(cardea_int(&none, "level"), 4);
	assert_int_equal(cardea_int(&none, "delay"), -1);
	assert_int_equal(cardea_int(&none, "any"), 0);
	assert_string_equal(cardea_str(&some, "request"), "x");
	assert_string_equal(cardea_str(&none, "ptype"), "publisher");
	assert_null(cardea_str(&none, "request"));
	assert_int_equal(json_array_size(cardea_json(&some, "list")), 1);
	assert_null(cardea_json(&none, "list"));
	assert_true(cardea_given(&some, "level"));
	assert_false(cardea_given(&some, "delay"));
	assert_false(cardea_given(&none, "level"));
	json_decref(v);
}

static void fails_with_code_and_words_that_fit(void **state)
{
	struct cardea_error e;
	char longer[600] = "";
	json_t *s;
	(void)state;
	assert_false(cardea_fail(&e, 426, "No such room (%d)", 1234));
	assert_int_equal(e.code, 426);
	assert_string_equal(e.reason, "No such room (1234)");
	for (int i = 0; i < 150; i++)
		strcat(longer, "\u20ac");
	/* whatever the alignment, the cut falls between characters */
	for (const char *pad = "xx";; pad++) {
		cardea_fail(&e, 1, "%s%s", pad, longer);
		assert_non_null(s = json_string(e.reason));
		assert_true(strlen(e.reason) > 250);
		json_decref(s);
		if (!*pad)
			break;
	}
}

static void quotes_what_was_said_between_characters(void **state)
{
	struct cardea_error e;
	char said[400] = "x";
	(void)state;
	for (int i = 0; i < 150; i++)
		strcat(said, "\u00e9");
	cardea_fail(&e, 1, "Unknown request '%.100s'", said); /* 99 bytes of it are whole */
	said[99] = '\0';
	char want[200] = "Unknown request '";
	strcat(strcat(want, said), "'");
	assert_string_equal(e.reason, want);
}

static void compares_secrets(void **state)
{
	(void)state;
	assert_true(cardea_same_secret("adminpwd", "adminpwd"));
	assert_true(cardea_same_secret("", ""));
	assert_false(cardea_same_secret("adminpwd", "adminpwe"));
	assert_false(cardea_same_secret("adminpwd", "xdminpwd"));
	assert_false(cardea_same_secret("admin", "adminpwd"));
	assert_false(cardea_same_secret("abab", "ab"));
	assert_false(cardea_same_secret("ab", "abab"));
	assert_false(cardea_same_secret("", "a"));
	assert_false(cardea_same_secret("a", ""));
	assert_false(cardea_same_secret(NULL, ""));
	assert_false(cardea_same_secret("", NULL));
	assert_false(cardea_same_secret(NULL, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_what_is_missing),
		cmocka_unit_test(names_the_type_each_field_should_have),
		cmocka_unit_test(takes_null_for_a_wrong_type),
		cmocka_unit_test(holds_numbers_to_their_bounds),
		cmocka_unit_test(holds_words_to_their_list),
		cmocka_unit_test(holds_texts_to_so_many_bytes),
		cmocka_unit_test(holds_string_ids_to_their_bytes),
		cmocka_unit_test(looks_into_objects_and_arrays),
		cmocka_unit_test(holds_objects_and_arrays_to_their_size),
		cmocka_unit_test(takes_ids_as_the_user_of_the_table_has_them),
		cmocka_unit_test(reports_the_first_mistake_in_the_order_of_the_table),
		cmocka_unit_test(describes_but_does_not_check_what_may_be_anything),
		cmocka_unit_test(ignores_what_it_does_not_know),
		cmocka_unit_test(gives_what_was_given_and_defaults_for_the_rest),
		cmocka_unit_test(fails_with_code_and_words_that_fit),
		cmocka_unit_test(quotes_what_was_said_between_characters),
		cmocka_unit_test(compares_secrets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
