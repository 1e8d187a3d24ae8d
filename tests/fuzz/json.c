/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "../../core/base/json.h"
#include "mutate.h"

#define ROUNDS 20000
#define CAP 1024

static const char *const seeds[] = {
	"{\"janus\":\"create\",\"transaction\":\"abc\"} {\"janus\":\"keepalive\",\"session_id\":12}",
	"{\"janus\":\"message\",\"transaction\":\"\\u20ac\\\"\\\\\",\"session_id\":9007199254740991,\"handle_id\":1,"
		"\"body\":{\"request\":\"join\",\"room\":1234,\"streams\":[{\"mid\":\"0\",\"send\":true},{\"mid\":null}]},"
		"\"jsep\":{\"type\":\"offer\",\"sdp\":\"v=0\\r\\no=- 1 1 IN IP4 127.0.0.1\\r\\n\"}}",
	"[[[[[[[[1,-2.5e-3,0.1E+9,true,false,null,\"\"]]]]]]]]",
	"  {\"\xc3\xa9\": {\"a\": {\"b\": {}}}, \"c\": [ ] }\n",
	"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
		"]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
};

static unsigned depth_of(const json_t *v)
{
	unsigned deepest = 0, d;
	const char *key;
	json_t *m;
	size_t i;
	json_array_foreach(v, i, m)
		if ((d = depth_of(m)) > deepest)
			deepest = d;
	json_object_foreach((json_t *)v, key, m)
		if ((d = depth_of(m)) > deepest)
			deepest = d;
	return deepest + (json_is_array(v) || json_is_object(v));
}

/* What was read can be written in each style and read back as the same. */
static void check_tree(const json_t *v)
{
	assert_true(json_is_object(v) || json_is_array(v));
	assert_true(depth_of(v) <= JSON_MAX_NESTING);
	for (int style = JSON_STYLE_COMPACT; style <= JSON_STYLE_INDENTED; style++) {
		char why[160], *text;
		const char *at;
		size_t len;
		json_t *again;
		assert_non_null(text = json_write(v, style, &len));
		at = text;
		assert_non_null(again = json_read(&at, &len, why));
		assert_int_equal(len, 0);
		assert_true(json_equal(v, again));
		json_decref(again);
		free(text);
	}
}

/* Read all values of a text, as a transport does. @return how many. */
static unsigned read_all(const char *text, size_t len)
{
	unsigned n = 0;
	const char *end = text + len;
	while (len) {
		char why[160] = "";
		const char *before = text;
		json_t *v = json_read(&text, &len, why), *words;
		if (!v) {
			assert_non_null(words = json_string(why)); /* a reason, valid in an answer */
			assert_ptr_equal(strstr(why, "on line "), why);
			json_decref(words);
			break;
		}
		assert_true(text > before && text + len == end);
		check_tree(v);
		json_decref(v);
		n++;
	}
	return n;
}

static void survives_mutated_text(void **state)
{
	unsigned good = 0;
	(void)state;
	mutate_seed(1);
	for (unsigned round = 0; round < ROUNDS; round++) {
		const char *seed = seeds[round % (sizeof seeds / sizeof *seeds)];
		char buf[CAP], *exact;
		size_t len = strlen(seed);
		memcpy(buf, seed, len);
		len = mutate(buf, len, sizeof buf);
		exact = malloc(len + 1); /* not a byte behind the text may be read */
		assert_non_null(exact);
		memcpy(exact, buf, len);
		exact = realloc(exact, len ? len : 1);
		good += read_all(exact, len) > 0;
		free(exact);
	}
	assert_in_range(good, ROUNDS / 20, ROUNDS - ROUNDS / 20); /* the mutations are neither harmless nor hopeless */
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(survives_mutated_text) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
